// What can be reached at best when values are independent: CUSUM with both laws known, which is exactly optimal for the
// worst case of the change time (Moustakides 1986), and its delay in closed form.
#pragma once

#include "bench/arl_delay/method.h"

namespace costdrift::bench {

class OracleCusum final : public Method {
 public:
  // The laws must outlive the rule.
  OracleCusum(const Law& before, const Law& after) : before_(before), after_(after) {}
  void learn(std::span<const Call>) override { sum_ = 0; }
  double step(const Call& call) override;

 private:
  const Law& before_;
  const Law& after_;
  double sum_ = 0;
};

// ln(after / before) of one value, not below -30: values that cannot occur after the change.
double log_ratio(const Law& before, const Law& after, double value);

// Kullback-Leibler information per value, by 200,000 draws of each: after against before, and before against after.
struct Information {
  double after_before = 0, before_after = 0;
};
Information information(const Law& before, const Law& after, Random random);

// e^h - h - 1 = ARL * I(before, after); delay = (h - 1 + e^-h) / I(after, before): within 4 % of the exact optimum.
double limit_delay(const Information& information, double arl);

}  // namespace costdrift::bench
