// Trials: thresholds that give every method the same realised false-alarm rate, and the delays at these thresholds.
//
// Calibration  `runs` streams without change; the threshold for ARL a is the quantile of the running maximum with
//              P(max > h) = 1 - exp(-calls / a): alarms of a stationary rule come nearly exponentially.
// Delays       `trials` streams with a change after some quiet; the mean over those without an earlier alarm, so of a
//              rule in its steady state. One that does not alarm within the cap counts as the cap, and as missed.
// Seeds        every stream is a function of (seed, scenario, trial); the number of threads changes nothing.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/arl_delay/method.h"
#include "bench/arl_delay/scenario.h"

namespace costdrift::bench {

// False-alarm rates at which delays are measured, as parts of the scenario's ARL; the last is the scenario's own.
inline constexpr std::array<double, 5> kArlParts{0.01, 0.03, 0.1, 0.3, 1};
inline constexpr std::size_t kFull = kArlParts.size() - 1;
inline constexpr std::size_t kTheory = kArlParts.size();  // delays at the threshold that theory gives
inline constexpr std::size_t kThresholds = kArlParts.size() + 1;

struct Effort {
  int runs = 1000;
  int trials = 1000;
  int threads = 2;
  std::uint64_t seed = 1;
  bool kernel_only = false;  // costdrift and the oracle alone
};

struct Delay {
  double mean = 0, p90 = 0;
  double missed = 0;  // share
  int trials = 0;     // that had no earlier alarm; 0: nothing is known
};

struct MethodResult {
  std::string name;
  int change = -1;                                       // an oracle: the only change it was tried on
  std::array<double, kArlParts.size()> thresholds{};     // by false-alarm rate
  double false_alarms = 0;                               // realised / budget at the theory threshold; NaN: none
  std::vector<std::array<Delay, kThresholds>> delays{};  // by change
};

struct ScenarioResult {
  const Scenario* scenario = nullptr;
  int runs = 0, trials = 0;
  std::vector<MethodResult> methods;
  std::vector<double> limits;  // closed-form delay by change; NaN: does not apply
};

ScenarioResult run_scenario(const Scenario& scenario, const Effort& effort);

// Calls task(i) for every i < count on `threads` threads; any thread may get any i.
void for_each_index(int count, int threads, const std::function<void(int)>& task);

}  // namespace costdrift::bench
