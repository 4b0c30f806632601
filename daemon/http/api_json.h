// The JSON of /api/v1 (docs/ALERTS.md describes an alert; the page in web/ reads both).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/api_snapshot.h"

namespace costdrift::daemon {

enum class AlertFilter : std::uint8_t { all, firing, resolved };

// Still going on: status firing or updated.
bool is_open(const core::AlertEvent& event);

// {"alerts":[newest first],"total":n}: at most `limit` alerts; total counts all that match the filter.
std::string alerts_json(const ApiSnapshot& snapshot, AlertFilter filter, std::size_t limit);

// nullopt: no such incident, or resolved so long ago that it is forgotten.
std::optional<std::string> alert_json(const ApiSnapshot& snapshot, std::string_view incident_id);

// What the daemon has read, where it stands, and how its sinks do. Times that are not known yet are null.
std::string status_json(const ApiSnapshot& snapshot, core::Duration heartbeat_age);

// {"silences":[...]}: those that hold, the one that ends first at the head.
std::string silences_json(const ApiSnapshot& snapshot);

// As alerts_json(), of the incidents that would be told with the shadow detectors on. There must be some.
std::string shadow_alerts_json(const ApiSnapshot& snapshot, AlertFilter filter, std::size_t limit);
// {"detectors":[...],"pages":{"live":n,"shadow":n},"tickets":{...},"only_shadow":[...],"only_live":[...],"both":[...],
// "untold":{"live":[ids],"shadow":[ids]}}
std::string shadow_json(const ApiSnapshot& snapshot);

// {"changes":[...]}: declared changes, the latest to take effect at the head.
std::string changes_json(const ApiSnapshot& snapshot);

void add_accounting(state::Accounting& into, const state::Accounting& from);

}  // namespace costdrift::daemon
