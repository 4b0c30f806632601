#include <cmath>
#include <limits>

#include "bench/arl_delay/adwin.h"
#include "bench/arl_delay/charts.h"
#include "bench/arl_delay/method.h"
#include "bench/arl_delay/oracle.h"
#include "bench/arl_delay/window_rules.h"

namespace costdrift::bench {

double Method::theory_threshold() const { return std::numeric_limits<double>::quiet_NaN(); }

namespace {

std::vector<MethodEntry> rules_in_use(int minute) {
  return {
      {"static threshold, 5-min mean", [=] { return std::make_unique<WindowMean>(minute); }},
      {"z-score, 5 min in 1 h", [=] { return std::make_unique<ZScore>(minute, 60); }},
      {"z-score, 5 min in 1 day", [=] { return std::make_unique<ZScore>(minute, 1440); }},
      {"EWMA 0.01", [] { return std::make_unique<Ewma>(0.01); }},
      {"Page-Hinkley", [] { return std::make_unique<PageHinkley>(0.1); }},
      {"ADWIN", [] { return std::make_unique<Adwin>(); }},
      {"Holt-Winters, daily", [=] { return std::make_unique<HoltWinters>(minute); }},
  };
}

}  // namespace

std::vector<MethodEntry> methods_for(const Scenario& scenario, bool kernel_only) {
  std::vector<MethodEntry> methods;
  if (!kernel_only) methods = rules_in_use(scenario.calls_per_minute);
  methods.insert(methods.begin(), {"costdrift", [&scenario] { return make_ours(scenario); }});
  for (std::size_t i = 0; i < scenario.changes.size(); ++i) {
    const Change& change = scenario.changes[i];
    if (!change.before || !change.after) continue;
    methods.push_back({"oracle CUSUM",
                       [&change] { return std::make_unique<OracleCusum>(*change.before, *change.after); },
                       static_cast<int>(i)});
  }
  return methods;
}

}  // namespace costdrift::bench
