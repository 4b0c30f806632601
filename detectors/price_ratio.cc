#include "detectors/price_ratio.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "core/log_bins.h"

namespace costdrift::detectors {
namespace {

constexpr std::int64_t kMinListNano = 100'000;
constexpr std::int16_t kAtList = 896;
constexpr int kHalfPercent = 2;  // bins
const double kLogStep = std::log(1.0025);

core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  if (!event.reported_cost || !event.list_cost || event.list_cost->nano < kMinListNano) return observations;
  if (event.status != core::CallStatus::ok || event.gateway_cache_hit) return observations;
  if (event.reported_cost->nano == 0) {
    observations.add(kFree);
    return observations;
  }
  const double ratio = static_cast<double>(event.reported_cost->nano) / static_cast<double>(event.list_cost->nano);
  const auto bin = kAtList + std::llround(std::log(ratio) / kLogStep);
  observations.add(static_cast<std::int16_t>(std::clamp<long long>(bin, 1, core::kLogBins - 1)));
  return observations;
}

}  // namespace

core::MetricSpec price_ratio_metric() {
  return {.name = kPriceRatio, .unit = "reported/list", .log_bins = false, .observe_call = observe};
}

double price_ratio(std::int16_t bin) { return bin == kFree ? 0 : std::exp((bin - kAtList) * kLogStep); }

bool same_price(std::int16_t a, std::int16_t b) {
  if (a == kFree || b == kFree) return a == b;
  return std::abs(a - b) <= kHalfPercent;
}

}  // namespace costdrift::detectors
