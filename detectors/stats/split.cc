#include "detectors/stats/split.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace costdrift::detectors::stats {

double logarithmic_mean(double a, double b) {
  const double relative = (a - b) / b;
  // Near equality the quotient is 0 / 0 in doubles; the series is exact to the last digit there.
  if (std::abs(relative) < 1e-6) return b * (1 + relative / 2);
  return (a - b) / std::log(a / b);
}

std::vector<double> split_product(double before, double after, std::span<const double> log_ratios) {
  std::vector<double> parts(log_ratios.size(), 0.0);
  if (!(before > 0) || !(after > 0)) return parts;
  const double mean = logarithmic_mean(after, before);
  std::transform(log_ratios.begin(), log_ratios.end(), parts.begin(), [&](double ratio) { return mean * ratio; });
  return parts;
}

std::vector<std::int64_t> apportion(std::int64_t whole, std::span<const double> shares, std::size_t otherwise) {
  const double sign = whole < 0 ? -1 : 1;
  std::vector<double> exact(shares.size(), 0.0);
  std::transform(shares.begin(), shares.end(), exact.begin(),
                 [&](double share) { return std::isfinite(share) ? std::max(0.0, share * sign) : 0.0; });
  double total = std::accumulate(exact.begin(), exact.end(), 0.0);
  if (!(total > 0)) {
    exact.assign(shares.size(), 0.0);
    exact[otherwise] = total = 1;
  }
  std::vector<std::int64_t> parts(shares.size(), 0);
  std::vector<double> lost(shares.size(), 0.0);
  std::int64_t missing = whole;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double part = static_cast<double>(whole) * (exact[i] / total);
    parts[i] = static_cast<std::int64_t>(std::trunc(part));
    lost[i] = exact[i] > 0 ? std::abs(part - std::trunc(part)) : -1;
    missing -= parts[i];
  }
  while (missing != 0) {
    const auto most = static_cast<std::size_t>(std::max_element(lost.begin(), lost.end()) - lost.begin());
    const std::int64_t step = missing > 0 ? 1 : -1;
    parts[most] += step;
    lost[most] -= 1;
    missing -= step;
  }
  return parts;
}

}  // namespace costdrift::detectors::stats
