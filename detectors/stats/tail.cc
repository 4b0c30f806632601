#include "detectors/stats/tail.h"

#include <algorithm>
#include <cmath>

#include "core/log_bins.h"

namespace costdrift::detectors::stats {
namespace {

constexpr double kTailShare = 0.01;
constexpr double kZ95 = 1.645;

}  // namespace

double tail_limit(const core::Counts& counts, double chance) {
  const double n = core::total_calls(counts);
  if (n < kMinTailCalls) return 0;
  const double k = n * kTailShare;
  auto threshold = counts.rbegin();
  for (double above = 0; threshold != counts.rend(); ++threshold) {
    above += static_cast<double>(threshold->weight) / core::kOneCall;
    if (above >= k) break;
  }
  if (threshold == counts.rend()) return 0;
  const double start = core::log_bin_value(threshold->bin);
  double sum = 0;
  for (auto item = counts.rbegin(); item != threshold; ++item) {
    sum += static_cast<double>(item->weight) / core::kOneCall * std::log(core::log_bin_value(item->bin) / start);
  }
  // Values of one bin are up to 2 % apart: a tail inside of a bin is not a tail without width.
  const double index = std::max(sum / k, std::log(core::kBinRatio)) * (1 + kZ95 / std::sqrt(k));
  return start * std::pow(std::max(kTailShare / chance, 1.0), index);
}

}  // namespace costdrift::detectors::stats
