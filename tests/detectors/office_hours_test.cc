// An application with calls from nine to five: what is said in the morning of a change that came with the evening or
// in the night.
#include <gtest/gtest.h>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

constexpr int kOfficeHours = 8;
constexpr core::Duration kNight = core::hours(24 - kOfficeHours);

core::UsageEvent prompt(Random& random, bool drifted) {
  core::UsageEvent event;
  event.input_tokens = std::llround(random.log_normal(2000, 0.6) * (drifted ? 1.3 : 1));
  event.cost = event.input_cost = core::from_usd(static_cast<double>(*event.input_tokens) * 3e-6);
  return event;
}

// What 2880 calls an hour cost more than before.
constexpr double kUsdPerHour = 0.3 * 2394 * 3e-6 * kCallsPerBucket * kBucketsPerHour;

struct Morning {
  core::EventTime first_call;
  std::vector<core::Finding> found;
};

// Three days, the last of them with the change in its last seconds, then twenty minutes of the next day.
Morning morning_after(std::uint64_t seed, int buckets_in_the_evening) {
  Random random(seed);
  JudgeHarness harness("prompt_growth", kTrialJudges);
  Morning morning;
  for (int day = 0; day < 3; ++day) {
    const int evening = day == 2 ? buckets_in_the_evening : 0;
    for (const auto& finding : play(harness, random, prompt, false, kOfficeHours * kBucketsPerHour - evening)) {
      EXPECT_FALSE(core::material(finding, 0.1)) << seed;
    }
    EXPECT_TRUE(play(harness, random, prompt, true, evening).empty()) << "too few to be found";
    harness.skip(kNight);
  }
  morning.first_call = harness.now();
  morning.found = play(harness, random, prompt, true, 20 * 12);
  return morning;
}

TEST(OfficeHours, AChangeInTheNightBeganWithTheFirstCallOfTheMorning) {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Morning morning = morning_after(seed, 0);
    ASSERT_FALSE(morning.found.empty()) << seed;
    EXPECT_GE(morning.found.front().onset, morning.first_call) << seed;
    EXPECT_LE(morning.found.front().onset_earliest, morning.first_call) << seed;
    EXPECT_GE(morning.found.front().onset_latest, morning.found.front().onset) << seed;
    for (const auto& finding : morning.found) {
      if (finding.evaluated_at - morning.first_call < core::minutes(5)) continue;
      EXPECT_GT(finding.excess_usd_per_hour, 0.4 * kUsdPerHour) << seed;
    }
    EXPECT_NEAR(morning.found.back().excess_usd_per_hour, kUsdPerHour, 0.35 * kUsdPerHour) << seed;
  }
}

TEST(OfficeHours, AChangeInTheEveningCostsInTheMorningWhatItCostsThenAndNotTheMeanOfTheNight) {
  int dated_in_the_evening = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    const Morning morning = morning_after(seed, 20);
    ASSERT_FALSE(morning.found.empty()) << seed;
    const core::Finding& finding = morning.found.back();
    dated_in_the_evening += finding.onset < morning.first_call ? 1 : 0;
    EXPECT_NEAR(finding.excess_usd_per_hour, kUsdPerHour, 0.35 * kUsdPerHour) << seed;
  }
  EXPECT_GE(dated_in_the_evening, 3);
}

TEST(OfficeHours, WhatWasFoundOnFridayCostsOnMondayWhatItCostsThen) {
  Random random(3);
  JudgeHarness harness("prompt_growth", kTrialJudges);
  for (int day = 0; day < 3; ++day) {
    (void)play(harness, random, prompt, false, kOfficeHours * kBucketsPerHour);
    harness.skip(kNight);
  }
  ASSERT_FALSE(play(harness, random, prompt, true, kBucketsPerHour).empty());
  harness.skip(core::hours(62));
  const auto monday = play(harness, random, prompt, true, kBucketsPerHour);
  ASSERT_FALSE(monday.empty());
  EXPECT_NEAR(monday.back().excess_usd_per_hour, kUsdPerHour, 0.3 * kUsdPerHour);
}

// Three minutes of calls every hour: none of them goes on for as long as an estimate after a pause waits.
TEST(OfficeHours, BurstsAreEstimatedAgainAndAgain) {
  Random random(4);
  JudgeHarness harness("prompt_growth", kTrialJudges);
  const auto burst = [&](bool drifted) {
    auto found = play(harness, random, prompt, drifted, 36);
    harness.skip(core::minutes(57));
    return found;
  };
  for (int hour = 0; hour < 5 * 24; ++hour) (void)burst(false);
  int hours_with_an_estimate = 0;
  for (int hour = 0; hour < 24; ++hour) hours_with_an_estimate += burst(true).empty() ? 0 : 1;
  EXPECT_GE(hours_with_an_estimate, 8);
}

// Five hundred calls within five seconds of every hour cost what five hundred calls an hour cost.
TEST(OfficeHours, AnHourlyBurstIsNoHourOfThem) {
  Random random(5);
  JudgeHarness harness("prompt_growth", kTrialJudges);
  std::vector<core::Finding> found;
  for (int hour = 0; hour < 6 * 24; ++hour) {
    for (int i = 0; i < 500; ++i) harness.call(prompt(random, hour >= 5 * 24));
    for (auto& finding : harness.close()) found.push_back(std::move(finding));
    harness.skip(core::hours(1) - core::seconds(5));
  }
  ASSERT_FALSE(found.empty());
  for (const auto& finding : found) EXPECT_LT(finding.excess_usd_per_hour, 2 * 0.3 * 2394 * 3e-6 * 500);
}

}  // namespace
}  // namespace costdrift::tests
