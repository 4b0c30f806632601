#include "bench/arl_delay/summary.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

namespace costdrift::bench {

const MethodResult& ours(const ScenarioResult& result) { return result.methods.front(); }

const MethodResult* oracle(const ScenarioResult& result, std::size_t change) {
  for (const auto& method : result.methods) {
    if (method.change == static_cast<int>(change)) return &method;
  }
  return nullptr;
}

double ratio(const MethodResult& method, const ScenarioResult& result, std::size_t change) {
  const MethodResult* best = oracle(result, change);
  if (best == nullptr) return std::numeric_limits<double>::quiet_NaN();
  return method.delays[change][kFull].mean / best->delays[change][kFull].mean;
}

Summary summarise(const std::vector<ScenarioResult>& results) {
  Summary summary;
  int ratios = 0, scenarios = 0;
  for (const auto& result : results) {
    if (!result.scenario->first_row) continue;
    summary.false_alarms += ours(result).false_alarms;
    ++scenarios;
    for (std::size_t i = 0; i < result.scenario->changes.size(); ++i) {
      const Change& change = result.scenario->changes[i];
      const double value = ratio(ours(result), result, i);
      if (change.goal == kUsualGoal) {
        summary.worst_ratio = std::max(summary.worst_ratio, value);
        summary.mean_ratio += value;
        ++ratios;
      } else {
        double& worst = change.goal == kHardEdgeGoal ? summary.worst_edge : summary.worst_tail;
        worst = std::max(worst, value);
      }
    }
  }
  summary.mean_ratio /= std::max(ratios, 1);
  summary.false_alarms /= std::max(scenarios, 1);
  return summary;
}

std::string wider_goals_line(const Summary& summary) {
  std::string text;
  const auto add = [&text](const char* what, double worst, double goal) {
    if (worst == 0) return;
    char part[80];
    std::snprintf(part, sizeof part, "%s%s %.2f (%.2f)", text.empty() ? "Worst ratio where the goal is wider: " : ", ",
                  what, worst, goal);
    text += part;
  };
  add("hard edge", summary.worst_edge, kHardEdgeGoal);
  add("doubled P99", summary.worst_tail, kDoubledTailGoal);
  return text;
}

std::string closing_line(const Summary& summary) {
  char line[120];
  std::snprintf(line, sizeof line, "worst ratio %.2f, mean ratio %.2f, false alarms / budget %.2f", summary.worst_ratio,
                summary.mean_ratio, summary.false_alarms);
  return line;
}

}  // namespace costdrift::bench
