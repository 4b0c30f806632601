// Method: a rule that watches one series: learns from history, then gives a statistic after every call; it alarms when
// the statistic exceeds a threshold. All look for changes for the worse only (upward; a falling cache hit rate is a
// rising miss rate).
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bench/arl_delay/scenario.h"

namespace costdrift::bench {

class Method {
 public:
  virtual ~Method() = default;
  // Begins anew.
  virtual void learn(std::span<const Call> history) = 0;
  // The statistic after this call; rules that look once a minute repeat their last one.
  virtual double step(const Call& call) = 0;
  // The threshold that theory gives for the scenario's false-alarm rate, after learn(); NaN: theory gives none.
  virtual double theory_threshold() const;
};

struct MethodEntry {
  std::string name;
  std::function<std::unique_ptr<Method>()> make;
  int change = -1;  // an oracle: the change of the scenario that it knows
};

// costdrift's own kernel on the detector that watches the scenario's metric.
std::unique_ptr<Method> make_ours(const Scenario& scenario);

// Ours first, then the rules in use today (not when `kernel_only`), then an oracle for every change with known laws.
std::vector<MethodEntry> methods_for(const Scenario& scenario, bool kernel_only);

}  // namespace costdrift::bench
