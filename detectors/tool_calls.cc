#include "detectors/tool_calls.h"

#include <algorithm>

#include "core/log_bins.h"
#include "detectors/drift_detector.h"
#include "detectors/usual_cost.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kName = "tool_calls";
constexpr std::string_view kPerCall = "tool_calls";
constexpr std::string_view kPerRun = "run_tool_calls";

core::Observations observe_call(const core::UsageEvent& event) {
  core::Observations observations;
  if (event.tool_calls) observations.add(static_cast<std::int16_t>(core::log_bin(*event.tool_calls)));
  return observations;
}

void observe_run(const core::RunTransition& run, void (*add)(void*, std::int16_t, std::int32_t), void* context) {
  if (run.ended && run.tool_calls) add(context, static_cast<std::int16_t>(core::log_bin(*run.tool_calls)), 1);
}

// Counts are small, often 0: besides stretching them, the share above several quantiles rises.
stats::LaneFamily more_calls() {
  return {.lanes = {{stats::LaneKind::exceed, 2, .3},
                    {stats::LaneKind::exceed, 2, .6},
                    {stats::LaneKind::exceed, 4, .6},
                    {stats::LaneKind::exceed, 3, .8},
                    {stats::LaneKind::exceed, 3, .95},
                    {stats::LaneKind::exceed, 5, .99},
                    {stats::LaneKind::scale, 1.25},
                    {stats::LaneKind::scale, 2}}};
}

// What a tool returns is read as input by later calls, so its price is what the calls cost beyond the usual.
Measured measured_from(const stats::Effect& effect, const Baseline& baseline, const core::Totals& since) {
  Measured measured;
  measured.effect = effect;
  measured.harm_low = effect.low;
  measured.money_known = since.unpriced_calls < since.calls;
  measured.excess = beyond_usual_cost(baseline.totals(), since);
  measured.cost_part = dearer_part(baseline.totals(), since);
  return measured;
}

Measured measure_calls(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  return measured_from(stats::fit_mean(baseline.counts(), since.counts(kPerCall), inflation), baseline, since.totals);
}

Measured measure_runs(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  return measured_from(stats::fit_mean(baseline.counts(), since.counts(kPerRun), inflation), baseline, since.totals);
}

core::Result<std::unique_ptr<Detector>> make(const config::Values&) {
  std::vector<DriftModel> models;
  models.push_back({.detector = kName,
                    .metric = kPerCall,
                    .quantity = "tool calls per call",
                    .unit = "tool calls/call",
                    .cost_part = core::CostPart::input,
                    .family = more_calls(),
                    .measure = measure_calls});
  models.push_back({.detector = kName,
                    .metric = kPerRun,
                    .quantity = "tool calls per agent run",
                    .unit = "tool calls/run",
                    .aspect = "run",
                    .cost_part = core::CostPart::input,
                    .symptom = true,
                    .family = more_calls(),
                    .measure = measure_runs});
  std::vector<core::MetricSpec> metrics{{.name = kPerCall,
                                         .unit = "tool calls",
                                         .run_weighting = core::RunWeighting::information,
                                         .observe_call = observe_call},
                                        {.name = kPerRun, .unit = "tool calls", .observe_run = observe_run}};
  return std::unique_ptr<Detector>(std::make_unique<DriftDetector>(std::move(models), std::move(metrics)));
}

}  // namespace

const DetectorSpec tool_calls_spec{
    .title = "Tool calls",
    .measures = "tool calls asked for per call, and per agent run when it ends",
    .needs = "tool_calls (0 when none was asked for); run_id for runs",
    .blind_to = "what a tool itself costs; tool calls of runs that have not ended; calls that leave the field out",
    .fields = {},
    .make = make};

}  // namespace costdrift::detectors
