// What the report says in a line: our delays against the oracle's, and our false alarms against the budget.
#pragma once

#include <string>
#include <vector>

#include "bench/arl_delay/trials.h"

namespace costdrift::bench {

// costdrift's result of a scenario, and the oracle's for one change; nullptr: values are not independent.
const MethodResult& ours(const ScenarioResult& result);
const MethodResult* oracle(const ScenarioResult& result, std::size_t change);

// Mean delay over the oracle's at equal false-alarm rates; NaN without an oracle.
double ratio(const MethodResult& method, const ScenarioResult& result, std::size_t change);

// Over the first row. Changes with the usual goal count towards worst and mean; hard edges and doubled tails, which
// have goals of their own, are told apart. 0 where nothing of the kind ran.
struct Summary {
  double worst_ratio = 0, mean_ratio = 0;
  double false_alarms = 0;  // mean over the scenarios of realised / budget
  double worst_edge = 0;    // hard edge, goal 1.6
  double worst_tail = 0;    // P99 doubled, goal 3
};
Summary summarise(const std::vector<ScenarioResult>& results);

// "Worst ratio where the goal is wider: hard edge 1.41 (1.60), doubled P99 2.26 (3.00)"; empty without them.
std::string wider_goals_line(const Summary& summary);
// "worst ratio 1.29, mean ratio 1.16, false alarms / budget 0.93"
std::string closing_line(const Summary& summary);

}  // namespace costdrift::bench
