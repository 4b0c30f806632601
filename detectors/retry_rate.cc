#include "detectors/retry_rate.h"

#include <algorithm>

#include "detectors/drift_detector.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "retry";
constexpr std::int16_t kFirst = 0, kRetry = 1;

core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  const auto first = static_cast<std::int32_t>(event.attempts - event.retries);
  if (first > 0) observations.add(kFirst, first);
  if (event.retries > 0) observations.add(kRetry, static_cast<std::int32_t>(event.retries));
  return observations;
}

double in_bin(const core::Counts& counts, std::int16_t bin) {
  for (const auto& item : counts) {
    if (item.bin == bin) return static_cast<double>(item.weight) / core::kOneCall;
  }
  return 0;
}

// Retries beyond the baseline's share, at the mean cost of a retry (of any attempt where no retry has a cost).
core::NanoUsd wasted(const core::Totals& totals, double expected_rate) {
  const double extra = static_cast<double>(totals.retries) - expected_rate * static_cast<double>(totals.attempts);
  if (extra <= 0 || totals.attempts == 0) return {};
  const double per_retry = totals.retry_cost.nano > 0
                               ? core::to_usd(totals.retry_cost) / static_cast<double>(totals.retries)
                               : core::to_usd(totals.cost) / static_cast<double>(totals.attempts);
  return core::from_usd(extra * per_retry);
}

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  const core::Counts& counts = since.counts(kMetric);
  Measured measured;
  measured.effect = stats::fit_rate(in_bin(baseline.counts(), kRetry), core::total_calls(baseline.counts()),
                                    in_bin(counts, kRetry), core::total_calls(counts), inflation);
  measured.harm_low = measured.effect.low;
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  measured.excess = wasted(since.totals, measured.effect.expected);
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  DriftModel model{.detector = "retry_rate",
                   .metric = kMetric,
                   .quantity = "retries per attempt",
                   .unit = "retries/attempt",
                   .cost_part = core::CostPart::retry,
                   .family = stats::odds_family(2, [](int bin) { return static_cast<double>(bin); }),
                   .from_first_day = true,
                   .measure = measure};
  std::vector<core::MetricSpec> metrics{
      {.name = kMetric, .unit = "attempts", .log_bins = false, .observe_call = observe}};
  return std::unique_ptr<Detector>(std::make_unique<DriftDetector>(std::move(model), std::move(metrics)));
}

}  // namespace

const DetectorSpec retry_rate_spec{
    .title = "Retry rate",
    .measures = "retries / attempts, and the dollars of the retries beyond the usual share",
    .needs = "attempt or retry_count",
    .blind_to =
        "retries inside a client library that reports one call; producers that "
        "never send attempt or retry_count look like no retries",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
