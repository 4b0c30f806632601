#include "state/key_space.h"

namespace costdrift::state {

std::string_view key_space_name(KeySpace space) {
  switch (space) {
    case KeySpace::meta:
      return "meta";
    case KeySpace::positions:
      return "positions";
    case KeySpace::open_buckets:
      return "open_buckets";
    case KeySpace::buckets:
      return "buckets";
    case KeySpace::minutes:
      return "minutes";
    case KeySpace::hours:
      return "hours";
    case KeySpace::days:
      return "days";
    case KeySpace::ledger:
      return "ledger";
    case KeySpace::runs:
      return "runs";
    case KeySpace::lanes:
      return "lanes";
    case KeySpace::models:
      return "models";
    case KeySpace::incidents:
      return "incidents";
    case KeySpace::outbox:
      return "outbox";
    case KeySpace::deliveries:
      return "deliveries";
    case KeySpace::journal:
      return "journal";
    case KeySpace::dedup:
      return "dedup";
    case KeySpace::actions:
      return "actions";
    case KeySpace::shadow_incidents:
      return "shadow_incidents";
    case KeySpace::dead_letters:
      return "dead_letters";
    case KeySpace::report:
      return "report";
  }
  return "";
}

}  // namespace costdrift::state
