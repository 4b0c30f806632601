#include "detectors/output_growth.h"

#include <algorithm>
#include <cmath>

#include "core/log_bins.h"
#include "core/text.h"
#include "detectors/drift_detector.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "output_tokens";

// Nothing is said by a call that failed, or that answers with an embedding.
core::Observations observe(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.status == core::CallStatus::ok && event.output_tokens && *event.output_tokens > 0) {
    observations.add(static_cast<std::int16_t>(core::log_bin(*event.output_tokens)));
  }
  return observations;
}

double per_call(std::int64_t tokens, const core::Totals& totals) {
  return static_cast<double>(tokens) / static_cast<double>(std::max<std::int64_t>(1, totals.calls));
}

// Says so when most of the growth is reasoning.
std::string reasoning_note(const core::Totals& before, const core::Totals& since) {
  const double reasoning = per_call(since.reasoning_tokens, since) - per_call(before.reasoning_tokens, before);
  const double output = per_call(since.output_tokens, since) - per_call(before.output_tokens, before);
  if (output <= 0 || reasoning <= output / 2) return "";
  return "reasoning grew from " + core::describe_number(std::round(per_call(before.reasoning_tokens, before))) +
         " to " + core::describe_number(std::round(per_call(since.reasoning_tokens, since))) + " tokens per call";
}

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  Measured measured;
  measured.effect = stats::fit_growth(baseline.counts(), since.counts(kMetric), inflation);
  measured.harm_low = measured.effect.low;
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  measured.excess =
      core::from_usd(core::to_usd(since.totals.output_cost) * measured.effect.effect / (1 + measured.effect.effect));
  measured.note = reasoning_note(baseline.totals(), since.totals);
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  DriftModel model{.detector = "output_growth",
                   .metric = kMetric,
                   .quantity = "output tokens per call",
                   .unit = "tokens/call",
                   .cost_part = core::CostPart::output,
                   .family = stats::growth_family(),
                   .measure = measure};
  std::vector<core::MetricSpec> metrics{
      {.name = kMetric, .unit = "tokens", .run_weighting = core::RunWeighting::information, .observe_call = observe}};
  return std::unique_ptr<Detector>(std::make_unique<DriftDetector>(std::move(model), std::move(metrics)));
}

}  // namespace

const DetectorSpec output_growth_spec{
    .title = "Output growth",
    .measures = "output tokens per call (inside an agent run each further call counts by the information it adds)",
    .needs = "output_tokens; reasoning_tokens to name reasoning as the cause; run_id and step for agents",
    .blind_to = "growth of a few late steps of long agent runs; answers of a few tokens; growth below min_effect",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
