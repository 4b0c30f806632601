// Routing: which sinks hear of an alert event. First matching route wins; no routes: every sink hears everything.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "core/alert_event.h"

namespace costdrift::daemon {

std::vector<std::string> sinks_for(const core::AlertEvent& event, const config::Settings& settings);

}  // namespace costdrift::daemon
