#include "detectors/prompt_growth.h"

#include "core/log_bins.h"
#include "detectors/drift_detector.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "input_tokens";

core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.input_tokens && *event.input_tokens > 0) {
    observations.add(static_cast<std::int16_t>(core::log_bin(*event.input_tokens)));
  }
  return observations;
}

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  Measured measured;
  measured.effect = stats::fit_growth(baseline.counts(), since.counts(kMetric), inflation);
  measured.harm_low = measured.effect.low;
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  measured.excess =
      core::from_usd(core::to_usd(since.totals.input_cost) * measured.effect.effect / (1 + measured.effect.effect));
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  DriftModel model{.detector = "prompt_growth",
                   .metric = kMetric,
                   .quantity = "input tokens per call",
                   .unit = "tokens/call",
                   .cost_part = core::CostPart::input,
                   .family = stats::growth_family(),
                   .measure = measure};
  std::vector<core::MetricSpec> metrics{
      {.name = kMetric, .unit = "tokens", .run_weighting = core::RunWeighting::information, .observe_call = observe}};
  return std::unique_ptr<Detector>(std::make_unique<DriftDetector>(std::move(model), std::move(metrics)));
}

}  // namespace

const DetectorSpec prompt_growth_spec{
    .title = "Prompt growth",
    .measures = "input tokens per call (inside an agent run each further call counts by the information it adds)",
    .needs = "input_tokens; run_id and step for agents",
    .blind_to = "growth of a few late steps of long agent runs; growth below min_effect",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
