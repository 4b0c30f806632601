// Both ways, over seeded trials: what must be found is found soon, and quiet series stay quiet.
#include "detectors/drift_judge.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

core::UsageEvent prompt(Random& random, bool drifted, double shift, double factor) {
  core::UsageEvent event;
  event.input_tokens = std::llround(random.log_normal(2000, 0.6) * (drifted ? factor : 1) + (drifted ? shift : 0));
  event.cost = event.input_cost = core::from_usd(static_cast<double>(*event.input_tokens) * 3e-6);
  return event;
}

core::UsageEvent attempt(Random& random, bool drifted, double rate) {
  core::UsageEvent event;
  event.retries = random.chance(drifted ? rate : 0.05) ? 1 : 0;
  event.cost = core::from_usd(0.01);
  return event;
}

core::UsageEvent cached(Random& random, bool drifted, double rate) {
  core::UsageEvent event;
  event.input_tokens = 4000;
  event.cache_read_tokens = random.chance(drifted ? rate : 0.6) ? 3600 : 0;
  event.cost = event.input_cost = core::from_usd(0.01);
  event.cacheable_cost = core::from_usd(0.009);
  return event;
}

core::UsageEvent tail(Random& random, bool drifted) {
  core::UsageEvent event;
  const double cost = random.log_normal(0.01, 0.5);
  event.cost = core::from_usd(drifted && random.chance(0.03) ? cost * 5 : cost);
  event.cost_source = core::CostSource::reported;
  return event;
}

TEST(DriftJudge, FindsAPromptThatGrewBySixHundredTokens) {
  const auto draw = [](Random& r, bool drifted) { return prompt(r, drifted, 600, 1); };
  const Trials trials = try_detector("prompt_growth", draw, 12);
  EXPECT_EQ(trials.found, 12);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 120);
  EXPECT_NEAR(trials.last.expected, 2000 * std::exp(0.18), 60);
  EXPECT_GT(trials.last.effect, 0.1);
}

TEST(DriftJudge, FindsAPromptThatGrewByAThird) {
  const auto draw = [](Random& r, bool drifted) { return prompt(r, drifted, 0, 1.3); };
  const Trials trials = try_detector("prompt_growth", draw, 12);
  EXPECT_EQ(trials.found, 12);
  EXPECT_LT(trials.mean_calls, 300);
}

TEST(DriftJudge, TakesNoAlarmBackWhileTheChangeGoesOn) {
  const auto draw = [](Random& r, bool drifted) { return prompt(r, drifted, 0, 1.3); };
  int found = 0, taken_back = 0;
  for (std::uint64_t trial = 0; trial < 8; ++trial) {
    Random random(304 + trial);
    JudgeHarness harness("prompt_growth", kTrialJudges);
    (void)play(harness, random, draw, false, 26 * kBucketsPerHour);
    const auto findings = play(harness, random, draw, true, kBucketsPerHour / 2);
    found += findings.empty() ? 0 : 1;
    for (const auto& finding : findings) taken_back += finding.phase == core::FindingPhase::drifting ? 0 : 1;
  }
  EXPECT_EQ(found, 8);
  EXPECT_EQ(taken_back, 0);
}

TEST(DriftJudge, FindsRetries) {
  const auto draw = [](Random& r, bool drifted) { return attempt(r, drifted, 0.25); };
  const Trials trials = try_detector("retry_rate", draw, 12);
  EXPECT_EQ(trials.found, 12);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 130);
  EXPECT_GT(trials.last.excess_so_far.nano, 0);
}

TEST(DriftJudge, FindsALostCache) {
  const auto draw = [](Random& r, bool drifted) { return cached(r, drifted, 0.3); };
  const Trials trials = try_detector("cache_hit_rate", draw, 12);
  EXPECT_EQ(trials.found, 12);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 150);
  EXPECT_LT(trials.last.effect, -0.2);
  EXPECT_GT(trials.last.harm_low, 0.0);
}

TEST(DriftJudge, FindsAHeavierTail) {
  const Trials trials = try_detector("cost_outlier", tail, 12);
  EXPECT_EQ(trials.found, 12);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 1000);
}

TEST(DriftJudge, KeepsToItsShareOfFalseAlarmsWhereNothingChanges) {
  // 8 series for 3.5 days at a tenth of one alarm a week each: 0.4 alarms are to be expected.
  std::set<std::pair<std::uint64_t, core::EventTime>> alarms;
  for (std::uint64_t trial = 0; trial < 8; ++trial) {
    Random random(77 + trial);
    JudgeHarness harness("retry_rate", 10);
    const auto draw = [](Random& r, bool) { return attempt(r, false, 0.05); };
    for (const auto& finding : play(harness, random, draw, false, 84 * kBucketsPerHour)) {
      alarms.emplace(trial, finding.onset);
    }
  }
  EXPECT_LE(alarms.size(), 2U);
}

// Among thousands of calls an hour, some evidence of something is always there.
TEST(DriftJudge, MostHoursOfABusySeriesAreLearnedAtOnce) {
  constexpr int kHours = 48;
  Random random(12);
  JudgeHarness harness("retry_rate", kTrialJudges);
  (void)play(
      harness, random, [](Random& r, bool) { return attempt(r, false, 0.05); }, false, kHours * kBucketsPerHour);
  const auto& judge = dynamic_cast<const detectors::DriftJudge&>(harness.judge());
  EXPECT_GT(judge.baseline().own_calls(), 0.75 * kHours * kBucketsPerHour * kCallsPerBucket);
}

TEST(DriftJudge, SaysWhenItIsOverOnceAndOnlyOnce) {
  Random random(5);
  JudgeHarness harness("retry_rate", 10);
  const auto draw = [](Random& r, bool drifted) { return attempt(r, drifted, 0.25); };
  play(harness, random, draw, false, 26 * kBucketsPerHour);
  const auto during = play(harness, random, draw, true, kBucketsPerHour);
  ASSERT_FALSE(during.empty());
  EXPECT_EQ(during.back().phase, core::FindingPhase::drifting);
  const auto after = play(harness, random, draw, false, 2 * kBucketsPerHour);
  int recovered = 0;
  for (const auto& finding : after) recovered += finding.phase == core::FindingPhase::recovered ? 1 : 0;
  EXPECT_EQ(recovered, 1);
  EXPECT_EQ(after.back().phase, core::FindingPhase::recovered);
}

TEST(DriftJudge, OnsetAndEffectAreNearTheTruthAfterAQuarterOfAnHour) {
  Random random(11);
  JudgeHarness harness("prompt_growth", 10);
  const auto draw = [](Random& r, bool drifted) { return prompt(r, drifted, 600, 1); };
  play(harness, random, draw, false, 26 * kBucketsPerHour);
  const core::EventTime change = harness.now();
  const auto findings = play(harness, random, draw, true, kBucketsPerHour / 4);
  ASSERT_FALSE(findings.empty());
  const core::Finding& last = findings.back();
  EXPECT_LT(std::abs(core::to_seconds(last.onset - change)), 60);
  const double truth = 600 / (2000 * std::exp(0.18));
  EXPECT_NEAR(last.effect, truth, 0.04);
  EXPECT_LE(last.effect_low, truth);
  EXPECT_GE(last.effect_high, truth);
}

// Ten thousand calls without a miss, one stray miss, and an hour later a broken cache: the change is the second one.
TEST(DriftJudge, TheOnsetIsNotAStrayCallBeforeTheChange) {
  for (const int stray_minutes : {10, 30, 55}) {
    Random random(5);
    JudgeHarness harness("cache_hit_rate", kTrialJudges);
    const auto hits = [](Random& r, bool drifted) { return cached(r, true, drifted ? 0.7 : 1); };
    (void)play(harness, random, hits, false, 26 * kBucketsPerHour);
    harness.call(cached(random, true, 0));
    ASSERT_TRUE(play(harness, random, hits, false, stray_minutes * 12).empty());
    const core::EventTime change = harness.now();
    const auto findings = play(harness, random, hits, true, 12 * 20);
    ASSERT_FALSE(findings.empty()) << stray_minutes;
    EXPECT_NEAR(core::to_seconds(findings.front().onset - change), 0, 60) << stray_minutes;
    EXPECT_LE(findings.front().onset_earliest, change);
    EXPECT_GE(findings.front().onset_latest + core::minutes(1), change);
    EXPECT_NEAR(findings.back().observed, 0.9 * 0.7, 0.04) << stray_minutes;
  }
}

// Four agent runs an hour, whose calls resemble each other: a hundred independent values in a day.
TEST(DriftJudge, FindsPromptsThatDoubledInAnAgentOfAHundredRuns) {
  struct Run {
    std::int64_t step = 0;
    double tokens = 0;
  };
  const auto prompts_of_runs = [run = std::make_shared<Run>()](Random& random, bool drifted) {
    if (run->step == kBucketsPerHour) *run = {};
    if (++run->step == 1) run->tokens = random.log_normal(20'000, 0.6);
    core::UsageEvent event;
    event.run_id = "run";
    event.step = run->step;
    event.input_tokens = std::llround(run->tokens * (drifted ? 2 : 1));
    event.cost = event.input_cost = core::from_usd(static_cast<double>(*event.input_tokens) * 3e-6);
    return event;
  };
  for (std::uint64_t trial = 0; trial < 4; ++trial) {
    Random random(trial);
    JudgeHarness harness("prompt_growth", kTrialJudges);
    EXPECT_TRUE(play(harness, random, prompts_of_runs, false, 48 * kBucketsPerHour).empty()) << trial;
    EXPECT_FALSE(play(harness, random, prompts_of_runs, true, 24 * kBucketsPerHour).empty()) << trial;
  }
}

TEST(DriftJudge, ARestartInTheMiddleChangesNothing) {
  const auto draw = [](Random& r, bool drifted) { return prompt(r, drifted, 600, 1); };
  expect_alike_after_restarts("prompt_growth", 3, 28, [&](JudgeHarness& harness, Random& random, int step) {
    return play(harness, random, draw, step >= 26, kBucketsPerHour);
  });
}

TEST(DriftJudge, RefusesMemoryOfAnotherVersion) {
  JudgeHarness harness("retry_rate");
  EXPECT_FALSE(harness.judge().restore("\x7f", "\x7f"));
}

// A crash keeps what was stored, so a model that changes without saying so would go on differently after it. Prompts
// are of another size every two hours.
TEST(DriftJudge, NoChangeOfTheModelGoesUnmarked) {
  Random random(3);
  JudgeHarness harness("prompt_growth", kTrialJudges);
  double factor = 1;
  for (int minute = 0; minute < 20 * 1440; ++minute) {
    if (minute % 120 == 0) factor = random.log_normal(1, 0.15);
    for (int i = 0; i < kCallsPerBucket; ++i) harness.call(prompt(random, true, 0, factor));
    (void)harness.close();
    ASSERT_TRUE(harness.stores_every_change()) << "minute " << minute;
  }
}

}  // namespace
}  // namespace costdrift::tests
