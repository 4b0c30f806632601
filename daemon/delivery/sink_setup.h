// The sinks of the configuration, made and ready for delivery.
#pragma once

#include <vector>

#include "config/settings.h"
#include "daemon/delivery/delivery.h"

namespace costdrift::daemon {

// Reads secrets; contacts nothing. All problems at once, one a line (code config). Requests say that they come from
// costdrift/<version>.
core::Result<std::vector<SinkSetup>> make_sinks(const config::Settings& settings, const core::Clock& clock,
                                                const std::string& version);

}  // namespace costdrift::daemon
