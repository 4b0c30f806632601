// Token growth: what prompt_growth, output_growth and context_growth have in common. The metric is a number of tokens
// per call, in log bins; inside an agent run each further call counts by the information it adds.
#pragma once

#include <optional>

#include "detectors/detector.h"
#include "detectors/drift_model.h"

namespace costdrift::detectors {

// Nothing is observed where there is no number, or 0.
core::Observations observe_tokens(const std::optional<std::int64_t>& tokens);

// Effect, harm and whether money is known; the excess is left to the detector.
Measured measure_token_growth(std::string_view metric, const Baseline& baseline, const core::BucketSummary& since,
                              double inflation);

// The part of `cost` that would not have been without the growth.
core::NanoUsd cost_of_growth(core::NanoUsd cost, double effect);

// `model` needs neither family nor unit; `observe` as core::MetricSpec::observe_call.
std::unique_ptr<Detector> token_growth_detector(DriftModel model,
                                                core::Observations (*observe)(const core::UsageEvent&));

}  // namespace costdrift::detectors
