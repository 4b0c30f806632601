#include "bench/arl_delay/table.h"

#include <cmath>
#include <cstdio>

#include "bench/arl_delay/summary.h"

namespace costdrift::bench {
namespace {

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char text[256];
  std::snprintf(text, sizeof text, pattern, args...);
  return text;
}

std::string ratio_text(double value) { return std::isnan(value) ? "" : format("%.2fx", value); }

std::string method_line(const ScenarioResult& result, const MethodResult& method, std::size_t change) {
  const auto& delays = method.delays[change];
  std::string line = format("    %-28s %10s %8s", method.name.c_str(), delay_text(delays[kFull]).c_str(),
                            ratio_text(ratio(method, result, change)).c_str());
  if (delays[kFull].missed > 0) line += format("   %.0f %% missed", 100 * delays[kFull].missed);
  if (!std::isnan(method.false_alarms)) line += "   at its own threshold " + delay_text(delays[kTheory]);
  return line + "\n";
}

}  // namespace

std::string delay_text(const Delay& delay) {
  if (delay.trials == 0) return "-";
  return (delay.missed > 0 ? ">" : "") + format("%.0f", delay.mean);
}

std::string table_heading(const Effort& effort) {
  return format("%d streams without change, %d with each change, seed %llu\n", effort.runs, effort.trials,
                static_cast<unsigned long long>(effort.seed)) +
         "Mean delay at equal realised false-alarm rates, and how many times the oracle's that is; a rule that does "
         "not "
         "alarm\nwithin the trial counts as its end. The limit is the closed form for known laws.\n";
}

std::string scenario_table(const ScenarioResult& result) {
  const Scenario& scenario = *result.scenario;
  std::string text = format("\n%s: one false alarm in %.3g %s (%d streams quiet, %d changed)\n", scenario.name.c_str(),
                            scenario.arl, scenario.unit.c_str(), result.runs, result.trials);
  text += format("  costdrift at its own threshold: false alarms / budget %.2f\n", ours(result).false_alarms);
  for (std::size_t change = 0; change < scenario.changes.size(); ++change) {
    text += "  " + scenario.changes[change].name;
    if (!std::isnan(result.limits[change])) text += format(" (limit %.0f)", result.limits[change]);
    if (scenario.changes[change].goal > 0) text += format(", goal %.2fx", scenario.changes[change].goal);
    text += "\n";
    for (const auto& method : result.methods) {
      if (method.change >= 0 && method.change != static_cast<int>(change)) continue;
      text += method_line(result, method, change);
    }
  }
  return text;
}

}  // namespace costdrift::bench
