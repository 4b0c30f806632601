// The report as one HTML page that needs nothing beside it.
#pragma once

#include <string>
#include <vector>

#include "bench/arl_delay/trials.h"

namespace costdrift::bench {

std::string report_page(const std::vector<ScenarioResult>& results, const Effort& effort);

}  // namespace costdrift::bench
