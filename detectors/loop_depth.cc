#include "detectors/loop_depth.h"

#include "detectors/drift_model.h"
#include "detectors/limited_drift.h"
#include "detectors/run_limit_judge.h"
#include "detectors/run_steps.h"

namespace costdrift::detectors {
namespace {

constexpr std::string_view kName = "loop_depth";

Measured measure(const Baseline& baseline, const core::BucketSummary& since, double inflation) {
  const Hazards hazards = hazards_of(baseline.counts());
  const OddsFactor factor = fit_odds(hazards, since.counts(kRunSteps), inflation);
  const double by_odds = mean_depth(hazards, factor.odds);
  Measured measured;
  measured.effect.expected = mean_depth(hazards, 1);
  measured.effect.observed = mean_depth(drifted_hazards(hazards, factor.odds, since.counts(kRunSteps), inflation), 1);
  const double ratio = measured.effect.observed / measured.effect.expected;
  measured.effect.effect = ratio - 1;
  measured.effect.low = ratio * mean_depth(hazards, factor.low) / by_odds - 1;
  measured.effect.high = ratio * mean_depth(hazards, factor.high) / by_odds - 1;
  measured.harm_low = measured.effect.low;
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  measured.excess =
      core::from_usd(core::to_usd(since.totals.run_cost) * measured.effect.effect / (1 + measured.effect.effect));
  return measured;
}

DriftModel drift_model() {
  return {.detector = kName,
          .metric = kRunSteps,
          .quantity = "steps per agent run",
          .unit = "steps/run",
          .cost_part = core::CostPart::steps,
          .family = run_steps_family(),
          .enough = [](const Baseline& baseline) { return ended_runs(hazards_of(baseline.counts())) >= kMinRuns; },
          .measure = measure};
}

class LoopDetector final : public Detector {
 public:
  explicit LoopDetector(RunLimits limits) : limits_(limits) {}
  std::span<const core::MetricSpec> metrics() const override { return {&metric_, 1}; }
  bool concerns(const core::BucketSummary& summary) const override { return !summary.counts(kRunSteps).empty(); }
  std::unique_ptr<SeriesJudge> judge(const core::SeriesKey& series) const override {
    return std::make_unique<LimitedDrift<RunLimitJudge>>(model_, series, RunLimitJudge(kName, limits_));
  }

 private:
  RunLimits limits_;
  core::MetricSpec metric_ = run_steps_metric();
  DriftModel model_ = drift_model();
};

const config::FieldSpec kFields[] = {
    {.name = "max_steps",
     .type = config::FieldType::integer,
     .default_value = "0",
     .doc = "Reports every agent run that takes more steps than this, whatever is usual; 0: no hard limit.",
     .unit = "steps",
     .min = 0,
     .max = 1e6},
    {.name = "max_run_usd",
     .type = config::FieldType::number,
     .default_value = "0",
     .doc = "Reports every agent run that costs more than this; 0: no hard limit.",
     .unit = "USD",
     .min = 0,
     .max = 1e6},
};

core::Result<std::unique_ptr<Detector>> make(const config::Values& values) {
  const RunLimits limits{.max_steps = values.integer("max_steps"), .max_usd = values.number("max_run_usd")};
  return std::unique_ptr<Detector>(std::make_unique<LoopDetector>(limits));
}

}  // namespace

const DetectorSpec loop_depth_spec{
    .title = "Loop depth",
    .measures = "the odds that an agent run takes another step, and runs that go on beyond what ever happens",
    .needs = "run_id; step and run_end make it faster",
    .blind_to =
        "agents that do not send run_id; without run_end a run ends only after time.run_timeout of silence; fewer "
        "than 200 ended runs",
    .fields = kFields,
    .make = make};

}  // namespace costdrift::detectors
