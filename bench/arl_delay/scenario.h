// Scenarios: what one series shows while nothing is wrong, and the changes to be found in it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/arl_delay/law.h"
#include "bench/arl_delay/stream.h"

namespace costdrift::bench {

// What a call's value is, and so which detector watches it.
enum class Metric : std::uint8_t { retry, cache_miss, prompt_tokens, call_cost, run_depth };

// Mean delay over the oracle's that is to be reached.
inline constexpr double kUsualGoal = 1.35;
inline constexpr double kHardEdgeGoal = 1.6;   // values that cannot occur after the change
inline constexpr double kDoubledTailGoal = 3;  // P99 doubles, the median stands still

struct Change {
  std::string name;
  std::function<std::unique_ptr<Stream>(Random)> stream;  // quiet until change()
  std::optional<Law> before, after;                       // when values are independent: what an oracle knows
  bool bounded = true;  // false: some values cannot occur after the change, and the closed-form limit does not apply
  double goal = 0;      // one of the above; 0: none stated
};

struct Scenario {
  std::string name;
  std::string unit;  // what is counted: calls, attempts, runs
  Metric metric = Metric::prompt_tokens;
  int calls_per_minute = 12;      // 12: one call in each bucket of 5 seconds
  double arl = 1e6;               // calls between two false alarms
  std::int64_t history = 100'000;  // calls before judgement begins: as many as a baseline holds
  std::int64_t run = 100'000;     // calls of a run without change
  std::int64_t quiet = 5'000;     // calls between history and change
  int share = 1;                // one in so many of the streams asked for is drawn: long ones cost more, and tell more
  bool first_row = false;       // counts towards the closing line
  std::vector<Change> changes;  // at least one
};

// In the order of the report.
std::vector<Scenario> all_scenarios();

}  // namespace costdrift::bench
