#include "detectors/token_growth.h"

#include <utility>
#include <vector>

#include "core/log_bins.h"
#include "detectors/drift_detector.h"

namespace costdrift::detectors {

core::Observations observe_tokens(const std::optional<std::int64_t>& tokens) {
  core::Observations observations;
  if (tokens && *tokens > 0) observations.add(static_cast<std::int16_t>(core::log_bin(*tokens)));
  return observations;
}

Measured measure_token_growth(std::string_view metric, const Baseline& baseline, const core::BucketSummary& since,
                              double inflation) {
  Measured measured;
  measured.effect = stats::fit_growth(baseline.counts(), since.counts(metric), inflation);
  measured.harm_low = measured.effect.low;
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  return measured;
}

core::NanoUsd cost_of_growth(core::NanoUsd cost, double effect) {
  return core::from_usd(core::to_usd(cost) * effect / (1 + effect));
}

std::unique_ptr<Detector> token_growth_detector(DriftModel model,
                                                core::Observations (*observe)(const core::UsageEvent&)) {
  model.unit = "tokens/call";
  model.family = stats::growth_family();
  model.from_first_day = true;
  std::vector<core::MetricSpec> metrics{{.name = model.metric,
                                         .unit = "tokens",
                                         .run_weighting = core::RunWeighting::information,
                                         .observe_call = observe}};
  return std::make_unique<DriftDetector>(std::move(model), std::move(metrics));
}

}  // namespace costdrift::detectors
