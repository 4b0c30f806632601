#include "bench/arl_delay/oracle.h"

#include <algorithm>
#include <cmath>

namespace costdrift::bench {
namespace {

constexpr double kLeast = -30;
constexpr int kDraws = 200'000;

}  // namespace

double log_ratio(const Law& before, const Law& after, double value) {
  const double above = after.log_density(value);
  return std::isinf(above) ? kLeast : std::max(kLeast, above - before.log_density(value));
}

double OracleCusum::step(const Call& call) {
  sum_ = std::max(0.0, sum_ + log_ratio(before_, after_, call.value));
  return sum_;
}

Information information(const Law& before, const Law& after, Random random) {
  Information result;
  for (int i = 0; i < kDraws; ++i) {
    result.after_before += log_ratio(before, after, after.draw(random)) / kDraws;
    result.before_after -= log_ratio(before, after, before.draw(random)) / kDraws;
  }
  return result;
}

double limit_delay(const Information& information, double arl) {
  double low = 1e-6, high = 60;
  for (int i = 0; i < 100; ++i) {
    const double h = (low + high) / 2;
    (std::exp(h) - h - 1 < arl * information.before_after ? low : high) = h;
  }
  const double h = (low + high) / 2;
  return (h - 1 + std::exp(-h)) / information.after_before;
}

}  // namespace costdrift::bench
