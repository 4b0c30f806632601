#include "daemon/incidents/audience.h"

#include <algorithm>

#include "daemon/incidents/routing.h"

namespace costdrift::daemon {

bool is_over(const core::AlertEvent& event) {
  return event.status == core::AlertStatus::resolved || event.status == core::AlertStatus::retracted;
}

bool is_snoozed(const core::AlertEvent& event) {
  return event.snoozed_until && event.updated_at < *event.snoozed_until;
}

bool is_muted(const core::AlertEvent& event, const Silences& silences) {
  return is_snoozed(event) || silences.cover(event.labels, event.updated_at);
}

Hearers hearers_of(const core::AlertEvent& event, Audience audience, const IncidentBook& book, const Silences& silences,
                   const config::Settings& settings) {
  const bool over = is_over(event);
  const bool muted = is_muted(event, silences);
  if (muted && !over && audience == Audience::routes) return {.sinks = {}, .held_back = true};
  const bool untold = over && (muted || book.is_held(event.incident_id));
  Hearers hearers;
  if (audience == Audience::routes && !untold) hearers.sinks = sinks_for(event, settings);
  for (const auto& sink : book.told_sinks(event.incident_id)) {
    if (std::find(hearers.sinks.begin(), hearers.sinks.end(), sink) == hearers.sinks.end()) {
      hearers.sinks.push_back(sink);
    }
  }
  return hearers;
}

}  // namespace costdrift::daemon
