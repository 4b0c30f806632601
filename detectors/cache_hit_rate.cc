#include "detectors/cache_hit_rate.h"

#include <algorithm>
#include <cmath>

#include "detectors/drift_detector.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "cached_share";
constexpr int kBins = 5;  // cached share of the input in fifths: [0, .2) ... [.8, 1]
constexpr double kZ90 = 1.2816;

core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.cache_read_tokens && event.input_tokens && *event.input_tokens > 0) {
    const std::int64_t fifth = *event.cache_read_tokens * kBins / *event.input_tokens;
    observations.add(static_cast<std::int16_t>(std::min<std::int64_t>(fifth, kBins - 1)));
  }
  return observations;
}

// How much of the call was a miss, 1 .. 0.
double miss_score(int bin) { return 1 - static_cast<double>(bin) / (kBins - 1); }

struct Moments {
  double mean = 0, standard_error = 0;
};

Moments hit_moments(const core::Counts& counts, double inflation) {
  double n = 0, sum = 0, square = 0;
  for (const auto& item : counts) {
    const double calls = static_cast<double>(item.weight) / core::kOneCall;
    const double hit = 1 - miss_score(item.bin);
    n += calls;
    sum += calls * hit;
    square += calls * hit * hit;
  }
  if (n <= 0) return {};
  const double mean = sum / n;
  const double variance = std::max(square / n - mean * mean, 0.25 / (n + 1));
  return {mean, std::sqrt(variance * inflation / n)};
}

double token_hit_rate(const core::Totals& totals) {
  if (totals.cache_eligible_tokens == 0) return 0;
  return static_cast<double>(totals.cache_read_tokens) / static_cast<double>(totals.cache_eligible_tokens);
}

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  const double before = token_hit_rate(baseline.totals());
  const double now = token_hit_rate(since.totals);
  const Moments calls_before = hit_moments(baseline.counts(), 1);
  const Moments calls_now = hit_moments(since.counts(kMetric), inflation);
  Measured measured;
  measured.effect.expected = before;
  measured.effect.observed = now;
  if (before > 0) {
    const double relative_error = calls_before.mean > 0 ? calls_now.standard_error / calls_before.mean : 1;
    measured.effect.effect = now / before - 1;
    measured.effect.low = std::max(-1.0, measured.effect.effect - kZ90 * relative_error);
    measured.effect.high = measured.effect.effect + kZ90 * relative_error;
    measured.harm_low = -measured.effect.high;
  }
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  measured.excess = core::from_usd(std::max(0.0, before - now) * core::to_usd(since.totals.cacheable_cost));
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  DriftModel model{.detector = "cache_hit_rate",
                   .metric = kMetric,
                   .quantity = "share of input tokens read from cache",
                   .unit = "cached/input tokens",
                   .cost_part = core::CostPart::cache,
                   .family = stats::odds_family(kBins, miss_score),
                   .from_first_day = true,
                   .measure = measure};
  std::vector<core::MetricSpec> metrics{
      {.name = kMetric, .unit = "fifths", .log_bins = false, .observe_call = observe}};
  return std::unique_ptr<Detector>(std::make_unique<DriftDetector>(std::move(model), std::move(metrics)));
}

}  // namespace

const DetectorSpec cache_hit_rate_spec{
    .title = "Cache hit rate",
    .measures = "cached share of the input tokens of calls that report cache_read_tokens",
    .needs = "cache_read_tokens (0 when nothing was cached; absent calls are left out)",
    .blind_to = "apps that never report cache_read_tokens; a share that was near zero before",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
