#include <gtest/gtest.h>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

// Every other call finishes a task.
core::UsageEvent call(Random& random, double usd) {
  core::UsageEvent event;
  event.cost = event.output_cost = core::from_usd(random.log_normal(usd, 0.5));
  if (random.chance(0.5)) event.outcome = "resolved";
  return event;
}

TEST(CostPerOutcome, FindsTasksThatCostHalfAsMuchAgain) {
  const Trials trials = try_detector(
      "cost_per_outcome", [](Random& r, bool drifted) { return call(r, drifted ? 0.06 : 0.04); }, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 300);
  EXPECT_NEAR(trials.last.expected, 0.04 * std::exp(0.125), 0.003);
  EXPECT_TRUE(trials.last.symptom) << "a cause leads where one is known";
}

TEST(CostPerOutcome, CountsTheWholeRunOfAnAgent) {
  JudgeHarness harness("cost_per_outcome");
  core::UsageEvent last;
  last.run_id = "r";
  last.outcome = "resolved";
  last.cost = core::from_usd(0.01);
  harness.call(last);
  EXPECT_TRUE(harness.open().metrics.empty()) << "the run is the task, not its last call";
  harness.run({.to_depth = 5, .ended = true, .cost = core::from_usd(0.2), .outcomes = 1});
  const auto& counts = harness.open().counts("outcome_cost");
  ASSERT_EQ(counts.size(), 1U);
  EXPECT_EQ(counts.front().bin, core::log_bin(200'000'000));
}

TEST(CostPerOutcome, IsSilentWhereNothingChangesAndWhereNothingIsFinished) {
  EXPECT_LE(quiet_alarms("cost_per_outcome", [](Random& r, bool) { return call(r, 0.04); }), 1U);
  JudgeHarness harness("cost_per_outcome");
  core::UsageEvent open;
  open.cost = core::from_usd(0.01);
  harness.call(open);
  harness.run({.to_depth = 3, .ended = true, .cost = core::from_usd(0.2)});
  EXPECT_TRUE(harness.open().metrics.empty());
}

}  // namespace
}  // namespace costdrift::tests
