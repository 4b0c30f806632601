#include <gtest/gtest.h>

#include <memory>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

// A cheap model, and a frontier model that costs ten times as much a call.
core::UsageEvent call(Random& random, double frontier_share) {
  core::UsageEvent event;
  const bool frontier = random.chance(frontier_share);
  event.model_price = core::NanoUsd{frontier ? 5'000'000 : 400'000};
  event.cost = event.input_cost = {std::llround(random.log_normal(frontier ? 10'000'000 : 1'000'000, 0.3))};
  return event;
}

TEST(ModelMix, FindsAFrontierShareThatGoesFromTenToThirtyPercent) {
  const Trials trials = try_detector(
      "model_mix", [](Random& r, bool drifted) { return call(r, drifted ? 0.3 : 0.1); }, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 150);
  EXPECT_NEAR(trials.last.expected, 1.0 / 1.9, 0.05) << "of the dollars, not of the calls";
  EXPECT_EQ(trials.last.cost_part, core::CostPart::mix);
}

TEST(ModelMix, FindsAModelThatWasNeverUsed) {
  const Trials trials = try_detector(
      "model_mix", [](Random& r, bool drifted) { return call(r, drifted ? 0.1 : 0); }, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_LT(trials.mean_calls, 150);
}

TEST(ModelMix, PricesTheMoveAgainstTheOldMix) {
  Random random(3);
  JudgeHarness harness("model_mix", kTrialJudges);
  const auto draw = [](Random& r, bool drifted) { return call(r, drifted ? 0.3 : 0.1); };
  play(harness, random, draw, false, 26 * kBucketsPerHour);
  const auto findings = play(harness, random, draw, true, 2 * kBucketsPerHour);
  ASSERT_FALSE(findings.empty());
  const core::Finding& last = findings.back();
  const double truth = 0.2 * 0.009 * std::exp(0.045) * static_cast<double>(last.calls);
  EXPECT_NEAR(core::to_usd(last.excess_so_far), truth, 0.12 * truth);
  EXPECT_NEAR(last.observed, 3.0 / 3.7, 0.03);
}

TEST(ModelMix, IsSilentWhereNothingChangesAndWhenItBecomesCheaper) {
  EXPECT_LE(quiet_alarms("model_mix", [](Random& r, bool) { return call(r, 0.2); }), 1U);
  const Trials cheaper = try_detector(
      "model_mix", [](Random& r, bool drifted) { return call(r, drifted ? 0.05 : 0.3); }, 2);
  EXPECT_EQ(cheaper.found, 0);
}

// Agent runs of forty calls, one after the other, each with one model: four dear runs in a row are chance.
Draw runs_of_one_model() {
  struct Run {
    std::int64_t step = 0;
    bool frontier = false;
  };
  return [run = std::make_shared<Run>()](Random& random, bool) {
    if (run->step == 40) *run = {};
    if (++run->step == 1) run->frontier = random.chance(0.3);
    core::UsageEvent event = call(random, run->frontier ? 1 : 0);
    event.run_id = "run";
    event.step = run->step;
    return event;
  };
}

TEST(ModelMix, ARunIsWorthOneCallNotForty) { EXPECT_LE(quiet_alarms("model_mix", runs_of_one_model()), 1U); }

TEST(ModelMix, JudgesApplicationsAndNotTheirModels) {
  const auto detector = make_detector("model_mix");
  EXPECT_TRUE(detector->kinds().has(core::SeriesKind::app));
  EXPECT_FALSE(detector->kinds().has(core::SeriesKind::app_model));
}

}  // namespace
}  // namespace costdrift::tests
