// The detectors and sinks of this program as the configuration loader wants to know them.
#pragma once

#include "config/settings.h"

namespace costdrift::daemon {

config::Catalogue catalogue();

}  // namespace costdrift::daemon
