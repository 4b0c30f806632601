#include "detectors/output_growth.h"

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "detectors/token_growth.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "output_tokens";

// Nothing is said by a call that failed, or that answers with an embedding.
core::Observations observe(const core::UsageEvent& event) {
  return event.status == core::CallStatus::ok ? observe_tokens(event.output_tokens) : core::Observations{};
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
  Measured measured = measure_token_growth(kMetric, baseline, since, inflation);
  measured.excess = cost_of_growth(since.totals.output_cost, measured.effect.effect);
  measured.note = reasoning_note(baseline.totals(), since.totals);
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  return token_growth_detector({.detector = "output_growth",
                                .metric = kMetric,
                                .quantity = "output tokens per call",
                                .cost_part = core::CostPart::output,
                                .measure = measure},
                               observe);
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
