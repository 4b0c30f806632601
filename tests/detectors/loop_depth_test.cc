#include <gtest/gtest.h>

#include "detectors/run_steps.h"
#include "tests/support/judge_harness.h"

namespace costdrift::tests {
namespace {

// Runs of geometric depth: every bucket one run begins and ends.
std::vector<core::Finding> play_runs(JudgeHarness& harness, Random& random, double mean, int buckets) {
  std::vector<core::Finding> all;
  for (int b = 0; b < buckets; ++b) {
    std::int64_t depth = 1;
    while (random.chance(1 - 1 / mean)) ++depth;
    for (std::int64_t i = 0; i < depth; ++i) {
      core::UsageEvent event;
      event.run_id = "r";
      event.cost = core::from_usd(0.02);
      harness.call(event);
    }
    harness.run({.from_depth = 0, .to_depth = depth, .ended = true});
    for (auto& finding : harness.close()) all.push_back(std::move(finding));
  }
  return all;
}

// One run that makes one step in every bucket.
core::RunDelta endless(std::int64_t depth, core::EventTime first, core::EventTime now) {
  core::RunDelta delta;
  delta.run = 42;
  delta.calls = 1;
  delta.depth = delta.max_step = depth;
  delta.first_call = first;
  delta.last_call = now;
  delta.run_id = "run-42";
  delta.cost = core::from_usd(0.1);
  delta.total_cost = core::from_usd(0.1 * static_cast<double>(depth));
  return delta;
}

TEST(LoopDepth, FindsLoopsThatDoubled) {
  int found = 0, before = 0;
  for (std::uint64_t trial = 0; trial < 10; ++trial) {
    Random random(trial);
    JudgeHarness harness("loop_depth", 10);
    before += static_cast<int>(play_runs(harness, random, 3, 26 * 720).size());
    const auto findings = play_runs(harness, random, 6, 240);
    if (!findings.empty() && findings.back().effect > 0.5) ++found;
  }
  EXPECT_EQ(found, 10);
  EXPECT_EQ(before, 0);
}

// The night has short runs and the day has long ones: nobody is told, and both are learned.
TEST(LoopDepth, ANewSeriesLearnsItsFirstDayWhateverItShows) {
  Random random(3);
  JudgeHarness harness("loop_depth", 10);
  EXPECT_TRUE(play_runs(harness, random, 3, 8 * 720).empty());
  EXPECT_TRUE(play_runs(harness, random, 5, 17 * 720).empty());
  EXPECT_TRUE(play_runs(harness, random, 5, 4 * 720).empty());
  harness.open().runs[42] = endless(1000, harness.now(), harness.now());
  EXPECT_EQ(play_runs(harness, random, 5, 1).size(), 1u) << "a limit on single runs is in force";
}

TEST(LoopDepth, FindsARunThatNeverEndsAndSaysWhenItDid) {
  Random random(1);
  JudgeHarness harness("loop_depth", 10);
  play_runs(harness, random, 3, 26 * 720);
  const core::EventTime first = harness.now();
  std::int64_t depth = 0;
  std::vector<core::Finding> findings;
  while (findings.empty() && depth < 200) {
    ++depth;
    harness.run({.from_depth = depth - 1, .to_depth = depth, .ended = false});
    harness.open().runs[42] = endless(depth, first, harness.now());
    harness.open().totals.calls = 1;
    findings = harness.close();
  }
  ASSERT_FALSE(findings.empty());
  EXPECT_LT(depth, 120);
  const auto about_run =
      std::find_if(findings.begin(), findings.end(), [](const auto& f) { return !f.aspect.empty(); });
  ASSERT_NE(about_run, findings.end());
  EXPECT_EQ(about_run->aspect, "run-42");
}

// A limit that a person sets is about the steps that the producer counts, also those before a pause.
TEST(LoopDepth, AHardLimitCountsTheStepsBeforeAPause) {
  JudgeHarness harness(make_detector("loop_depth", 50));
  const auto said_at = [&](std::int64_t step) {
    core::RunDelta delta = endless(step - 40, harness.now(), harness.now());
    delta.max_step = step;
    harness.open().runs[42] = delta;
    harness.open().totals.calls = 1;
    return harness.close();
  };
  EXPECT_TRUE(said_at(50).empty());
  const auto said = said_at(51);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(said[0].hard_limit);
  EXPECT_EQ(said[0].observed, 51);
}

TEST(RunSteps, CountsEveryGroupOnceHoweverTheRunIsCut) {
  const auto metric = detectors::run_steps_metric();
  const auto counts_of = [&](std::vector<core::RunTransition> cuts) {
    std::map<int, int> counts;
    for (const auto& cut : cuts) {
      metric.observe_run(
          cut,
          [](void* to, std::int16_t bin, std::int32_t times) { (*static_cast<std::map<int, int>*>(to))[bin] += times; },
          &counts);
    }
    return counts;
  };
  const auto whole = counts_of({{0, 20, true}});
  EXPECT_EQ(whole, counts_of({{0, 1, false}, {1, 7, false}, {7, 8, false}, {8, 20, false}, {20, 20, true}}));
  int went_on = 0, stopped = 0;
  for (const auto& [bin, times] : whole) (bin % 2 == 1 ? went_on : stopped) += times;
  EXPECT_EQ(went_on, 10);  // beyond 1 .. 8, 9..12 and 13..16
  EXPECT_EQ(stopped, 1);
}

TEST(RunSteps, MeanDepthAndLimitOfGeometricRuns) {
  detectors::Hazards hazards;
  for (int g = 0; g < detectors::kStepGroups; ++g) {
    hazards.stop[g] = 1 - std::pow(2.0 / 3, static_cast<double>(detectors::group_width(g)));
    hazards.trials[g] = 30'000;
    hazards.stops[g] = 30'000 * hazards.stop[g];
  }
  EXPECT_NEAR(detectors::mean_depth(hazards, 1), 3, 0.01);
  EXPECT_GT(detectors::mean_depth(hazards, 2.5), 5.5);  // odds 2 -> 5 on the first eight steps: stop 1/6
  EXPECT_LT(detectors::mean_depth(hazards, 2.5), 6.5);
  const auto limit = detectors::survival_limit(hazards, 1e-5);
  EXPECT_GE(limit, 28);
  EXPECT_LE(limit, 32);
}

// Lengths of runs as coding agents have them: many short ones, one in eight beyond 128 steps.
double long_tailed(Random& random) { return std::ceil(random.log_normal(30, 1.3)); }

detectors::Hazards hazards_of_runs(Random& random, int runs, double longer) {
  core::Counts counts;
  for (int run = 0; run < runs; ++run) {
    const auto depth = std::llround(longer * long_tailed(random));
    detectors::run_steps_metric().observe_run(
        {.from_depth = 0, .to_depth = depth, .ended = true},
        [](void* to, std::int16_t bin, std::int32_t times) {
          core::merge_counts(*static_cast<core::Counts*>(to), {{bin, core::kOneCall * times}});
        },
        &counts);
  }
  return detectors::hazards_of(counts);
}

TEST(RunSteps, AFewLongRunsDoNotPromiseThousandsOfSteps) {
  Random random(1);
  double truth = 0;
  for (int i = 0; i < 100'000; ++i) truth += long_tailed(random) / 100'000;
  for (int trial = 0; trial < 100; ++trial) {
    const auto hazards = hazards_of_runs(random, 200, 1);
    EXPECT_GT(detectors::mean_depth(hazards, 1), 0.6 * truth) << trial;
    EXPECT_LT(detectors::mean_depth(hazards, 1), 1.6 * truth) << trial;
    EXPECT_LT(detectors::mean_depth(hazards, 5), 6 * truth) << trial;
  }
}

}  // namespace
}  // namespace costdrift::tests
