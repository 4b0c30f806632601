#include "detectors/cost_outlier.h"

#include <algorithm>
#include <cmath>

#include "core/log_bins.h"
#include "detectors/drift_detector.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "call_cost";
constexpr double kQuantile = 0.99;
constexpr double kCoarseQuantile = 0.95;
constexpr double kCallsForFineQuantile = 400;
constexpr double kZ80 = 1.2816;

core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.cost_source != core::CostSource::unknown && event.cost.nano > 0) {
    observations.add(static_cast<std::int16_t>(core::log_bin(event.cost.nano)));
  }
  return observations;
}

// The P99 before and after with the order-statistics interval of the latter.
stats::Effect quantile_effect(const core::Counts& before, const core::Counts& since, double inflation) {
  const double n = std::max(core::total_calls(since) / inflation, 1.0);
  const double half = kZ80 * std::sqrt(kQuantile * (1 - kQuantile) / n);
  const double expected = stats::quantile(before, kQuantile) * 1e-9;
  const auto relative = [&](double q) { return stats::quantile(since, std::min(q, 1.0)) * 1e-9 / expected - 1; };
  return {.expected = expected,
          .observed = stats::quantile(since, kQuantile) * 1e-9,
          .effect = relative(kQuantile),
          .low = relative(kQuantile - half),
          .high = relative(kQuantile + half)};
}

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  const core::Counts& counts = since.counts(kMetric);
  Measured measured;
  measured.effect = quantile_effect(baseline.counts(), counts, inflation);
  const double q = core::total_calls(counts) >= kCallsForFineQuantile ? kQuantile : kCoarseQuantile;
  const stats::Effect beyond =
      stats::fit_exceedance(baseline.counts(), counts, stats::quantile_bin(baseline.counts(), q), inflation);
  measured.harm_low = std::max(beyond.low, measured.effect.low);
  const double calls = static_cast<double>(since.totals.calls);
  const double usual_per_call =
      core::to_usd(baseline.totals().cost) / static_cast<double>(std::max<std::int64_t>(1, baseline.totals().calls));
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  measured.excess = core::from_usd(std::max(0.0, core::to_usd(since.totals.cost) - usual_per_call * calls));
  const double usual_input_share =
      core::to_usd(baseline.totals().input_cost) / std::max(core::to_usd(baseline.totals().cost), 1e-12);
  const double input_excess = core::to_usd(since.totals.input_cost) - usual_input_share * usual_per_call * calls;
  measured.cost_part =
      input_excess > core::to_usd(measured.excess) / 2 ? core::CostPart::input : core::CostPart::output;
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  DriftModel model{.detector = "cost_outlier",
                   .metric = kMetric,
                   .quantity = "P99 of cost per call",
                   .unit = "USD/call",
                   .cost_part = core::CostPart::output,
                   .symptom = true,
                   .family = {.lanes = {{stats::LaneKind::exceed, 2, .96},
                                        {stats::LaneKind::exceed, 3, .96},
                                        {stats::LaneKind::exceed, 2, .99},
                                        {stats::LaneKind::exceed, 3, .99},
                                        {stats::LaneKind::exceed, 6, .995},
                                        {stats::LaneKind::exceed, 8, .998},
                                        {stats::LaneKind::scale, 1.15},
                                        {stats::LaneKind::scale, 1.5}}},
                   .measure = measure};
  std::vector<core::MetricSpec> metrics{
      {.name = kMetric, .unit = "nano-USD", .run_weighting = core::RunWeighting::information, .observe_call = observe}};
  return std::unique_ptr<Detector>(std::make_unique<DriftDetector>(std::move(model), std::move(metrics)));
}

}  // namespace

const DetectorSpec cost_outlier_spec{
    .title = "Cost outliers",
    .measures = "the tail (P95 and beyond) of cost per call",
    .needs = "cost_usd, or a model with a listed price",
    .blind_to = "calls without a known cost; a tail that grows by less than about half",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
