#include "detectors/cost_per_outcome.h"

#include <algorithm>

#include "core/log_bins.h"
#include "detectors/drift_detector.h"
#include "detectors/usual_cost.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kMetric = "outcome_cost";

std::int16_t bin_of(core::NanoUsd cost) { return static_cast<std::int16_t>(core::log_bin(cost.nano)); }

// A task outside of agent runs is the call that gave its outcome.
core::Observations observe_call(const core::UsageEvent& event) {
  core::Observations observations;
  if (!event.outcome.empty() && event.run_id.empty() && event.cost.nano > 0) observations.add(bin_of(event.cost));
  return observations;
}

// A task of an agent is its run so far.
void observe_run(const core::RunTransition& run, void (*add)(void*, std::int16_t, std::int32_t), void* context) {
  if (run.outcomes > 0 && run.cost.nano > 0) add(context, bin_of({run.cost.nano / run.outcomes}), run.outcomes);
}

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  const core::Counts& counts = since.counts(kMetric);
  Measured measured;
  measured.effect = stats::fit_growth(baseline.counts(), counts, inflation);
  measured.effect.expected *= 1e-9;
  measured.effect.observed *= 1e-9;
  measured.harm_low = measured.effect.low;
  measured.excess = core::from_usd(measured.effect.expected * measured.effect.effect * core::total_calls(counts));
  measured.cost_part = dearer_part(baseline.totals(), since.totals);
  return measured;
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  DriftModel model{.detector = "cost_per_outcome",
                   .metric = kMetric,
                   .quantity = "cost per finished task",
                   .unit = "USD/outcome",
                   .cost_part = core::CostPart::output,
                   .symptom = true,
                   .family = stats::growth_family(),
                   .measure = measure};
  std::vector<core::MetricSpec> metrics{
      {.name = kMetric, .unit = "nano-USD", .observe_call = observe_call, .observe_run = observe_run}};
  return std::unique_ptr<Detector>(std::make_unique<DriftDetector>(std::move(model), std::move(metrics)));
}

}  // namespace

const DetectorSpec cost_per_outcome_spec{
    .title = "Cost per outcome",
    .measures = "dollars of a finished task: of the whole agent run, or of the one call, that gives an outcome",
    .needs = "outcome, once per finished task; run_id where a task takes several calls; a known cost",
    .blind_to = "tasks that never give an outcome; a rising share of failed ones; calls of a task outside of its run",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
