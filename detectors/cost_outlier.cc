#include "detectors/cost_outlier.h"

#include <algorithm>

#include "core/log_bins.h"
#include "detectors/call_limit_judge.h"
#include "detectors/limited_drift.h"
#include "detectors/usual_cost.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kName = "cost_outlier";
constexpr std::string_view kMetric = "call_cost";
constexpr double kQuantile = 0.99;
constexpr double kCoarseQuantile = 0.95;
constexpr double kCallsForFineQuantile = 400;

core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.cost_source != core::CostSource::unknown && event.cost.nano > 0) {
    observations.add(static_cast<std::int16_t>(core::log_bin(event.cost.nano)));
  }
  return observations;
}

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  const core::Counts& counts = since.counts(kMetric);
  Measured measured;
  measured.effect = stats::fit_quantile(baseline.counts(), counts, kQuantile, inflation);
  measured.effect.expected *= 1e-9;
  measured.effect.observed *= 1e-9;
  const double q = core::total_calls(counts) >= kCallsForFineQuantile ? kQuantile : kCoarseQuantile;
  const stats::Effect beyond =
      stats::fit_exceedance(baseline.counts(), counts, stats::quantile_bin(baseline.counts(), q), inflation);
  // A few calls may all lie beyond the usual P95 and none beyond the P99 that is told.
  measured.harm_low = measured.effect.effect > 0 ? std::max(beyond.low, measured.effect.low) : measured.effect.effect;
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  measured.excess = beyond_usual_cost(baseline.totals(), since.totals);
  measured.cost_part = dearer_part(baseline.totals(), since.totals);
  return measured;
}

DriftModel drift_model() {
  return {.detector = kName,
          .metric = kMetric,
          .quantity = "P99 of cost per call",
          .unit = "USD/call",
          .cost_part = core::CostPart::output,
          .symptom = true,
          .family = cost_tail_family(),
          .measure = measure};
}

class CostDetector final : public Detector {
 public:
  std::span<const core::MetricSpec> metrics() const override { return {&metric_, 1}; }
  bool concerns(const core::BucketSummary& summary) const override { return !summary.counts(kMetric).empty(); }
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey& series) const override {
    return std::make_unique<LimitedDrift<CallLimitJudge>>(model_, series, CallLimitJudge(kName));
  }

 private:
  core::MetricSpec metric_{
      .name = kMetric, .unit = "nano-USD", .run_weighting = core::RunWeighting::information, .observe_call = observe};
  DriftModel model_ = drift_model();
};

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  return std::unique_ptr<Detector>(std::make_unique<CostDetector>());
}

}  // namespace

stats::LaneFamily cost_tail_family() {
  return {.lanes = {{stats::LaneKind::exceed, 2, .96},
                    {stats::LaneKind::exceed, 3, .96},
                    {stats::LaneKind::exceed, 2, .99},
                    {stats::LaneKind::exceed, 3, .99},
                    {stats::LaneKind::exceed, 6, .995},
                    {stats::LaneKind::exceed, 8, .998},
                    {stats::LaneKind::scale, 1.15},
                    {stats::LaneKind::scale, 1.5}}};
}

const DetectorSpec cost_outlier_spec{
    .title = "Cost outliers",
    .measures =
        "the tail (P95 and beyond) of cost per call, and single calls that cost more than calls of the series ever do",
    .needs = "cost_usd, or a model with a listed price",
    .blind_to =
        "calls without a known cost; a tail that grows by less than about half; single calls of a series with fewer "
        "than 1,000 calls learned, and of agent runs",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
