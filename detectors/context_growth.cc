#include "detectors/context_growth.h"

#include <algorithm>

#include "detectors/token_growth.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "retrieved_tokens";

core::Observations observe(const core::UsageEvent& event) { return observe_tokens(event.retrieved_tokens); }

// The part of the input's dollars that the extra context is of the input's tokens.
core::NanoUsd cost_of_extra(const core::Totals& totals, double effect) {
  if (totals.input_tokens <= 0) return {};
  const double extra = static_cast<double>(totals.retrieved_tokens) * effect / (1 + effect);
  return core::from_usd(core::to_usd(totals.input_cost) *
                        std::min(1.0, extra / static_cast<double>(totals.input_tokens)));
}

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  Measured measured = measure_token_growth(kMetric, baseline, since, inflation);
  measured.excess = cost_of_extra(since.totals, measured.effect.effect);
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  return token_growth_detector({.detector = "context_growth",
                                .metric = kMetric,
                                .quantity = "retrieved tokens per call",
                                .cost_part = core::CostPart::input,
                                .specific = true,
                                .measure = measure},
                               observe);
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
