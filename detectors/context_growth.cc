#include "detectors/context_growth.h"

#include <algorithm>

#include "core/log_bins.h"
#include "detectors/drift_detector.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "retrieved_tokens";

core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.retrieved_tokens && *event.retrieved_tokens > 0) {
    observations.add(static_cast<std::int16_t>(core::log_bin(*event.retrieved_tokens)));
  }
  return observations;
}

// The part of the input's dollars that the extra context is of the input's tokens.
core::NanoUsd cost_of_extra(const core::Totals& totals, double effect) {
  if (totals.input_tokens <= 0) return {};
  const double extra = static_cast<double>(totals.retrieved_tokens) * effect / (1 + effect);
  return core::from_usd(core::to_usd(totals.input_cost) *
                        std::min(1.0, extra / static_cast<double>(totals.input_tokens)));
}

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  Measured measured;
  measured.effect = stats::fit_growth(baseline.counts(), since.counts(kMetric), inflation);
  measured.harm_low = measured.effect.low;
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  measured.excess = cost_of_extra(since.totals, measured.effect.effect);
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  DriftModel model{.detector = "context_growth",
                   .metric = kMetric,
                   .quantity = "retrieved tokens per call",
                   .unit = "tokens/call",
                   .cost_part = core::CostPart::input,
                   .specific = true,
                   .family = stats::growth_family(),
                   .measure = measure};
  std::vector<core::MetricSpec> metrics{
      {.name = kMetric, .unit = "tokens", .run_weighting = core::RunWeighting::information, .observe_call = observe}};
  return std::unique_ptr<Detector>(std::make_unique<DriftDetector>(std::move(model), std::move(metrics)));
}

}  // namespace

const DetectorSpec context_growth_spec{
    .title = "Context growth",
    .measures = "retrieved tokens per call that retrieves anything, and the share of the input's dollars they are",
    .needs = "retrieved_tokens",
    .blind_to = "a larger share of calls that retrieve; context that the producer does not report as retrieved",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
