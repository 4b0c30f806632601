// The report as text.
#pragma once

#include <string>

#include "bench/arl_delay/trials.h"

namespace costdrift::bench {

// How many streams were drawn, and what the columns mean.
std::string table_heading(const Effort& effort);
// Every method on every change of one scenario.
std::string scenario_table(const ScenarioResult& result);

// "77", "1.3k", "> 40k (95 % missed)"; "-" when nothing is known.
std::string delay_text(const Delay& delay);

}  // namespace costdrift::bench
