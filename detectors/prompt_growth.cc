#include "detectors/prompt_growth.h"

#include "detectors/token_growth.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "input_tokens";

core::Observations observe(const core::UsageEvent& event) { return observe_tokens(event.input_tokens); }

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  Measured measured = measure_token_growth(kMetric, baseline, since, inflation);
  measured.excess = cost_of_growth(since.totals.input_cost, measured.effect.effect);
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  return token_growth_detector({.detector = "prompt_growth",
                                .metric = kMetric,
                                .quantity = "input tokens per call",
                                .cost_part = core::CostPart::input,
                                .measure = measure},
                               observe);
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
