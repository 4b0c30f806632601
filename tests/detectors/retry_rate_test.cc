#include <gtest/gtest.h>

#include "tests/support/judge_harness.h"

namespace costdrift::tests {
namespace {

std::vector<core::Finding> call(JudgeHarness& harness, bool retried) {
  core::UsageEvent event;
  event.retries = retried ? 1 : 0;
  event.cost = core::from_usd(0.05);
  harness.call(event);
  auto findings = harness.close();
  harness.skip(core::seconds(30) - JudgeHarness::kBucket);
  return findings;
}

void play_quiet_days(JudgeHarness& harness) {
  for (int i = 0; i < 3 * 2'880; ++i) ASSERT_TRUE(call(harness, false).empty());
}

std::vector<core::Finding> play(JudgeHarness& harness, Random& random, double rate, int calls) {
  std::vector<core::Finding> findings;
  for (int i = 0; i < calls; ++i) {
    for (auto& finding : call(harness, random.chance(rate))) findings.push_back(std::move(finding));
  }
  return findings;
}

// To lanes that know of no retries a change three days ago is as likely as one just now: nothing since speaks against
// it, and the retries of minutes over days are a rate of nothing, worth nothing.
TEST(RetryRate, WhereNothingWasEverRetriedTheAlarmTellsOfTheRetriesSinceTheyBegan) {
  for (std::uint64_t trial = 0; trial < 10; ++trial) {
    Random random(trial);
    JudgeHarness harness("retry_rate");
    play_quiet_days(harness);
    const core::EventTime began = harness.now();
    std::vector<core::Finding> findings;
    for (int i = 0; i < 200 && findings.empty(); ++i) findings = call(harness, random.chance(0.3));
    ASSERT_EQ(findings.size(), 1U) << trial;
    EXPECT_LE(findings[0].onset - began, core::minutes(10)) << trial;
    EXPECT_LE(began - findings[0].onset, core::minutes(3)) << trial;
    EXPECT_GT(findings[0].observed, 0.1) << trial;
    EXPECT_GT(findings[0].excess_usd_per_hour, 0.4) << "of 1.80 in truth; " << trial;
  }
}

// Half-way between nothing and a burst, in odds, lies next to nothing: that some retries in ten thousand calls have not
// come back can be said after ten thousand calls.
TEST(RetryRate, ABurstWhereNothingWasEverRetriedIsOverSoonAfterItsEnd) {
  for (std::uint64_t trial = 0; trial < 10; ++trial) {
    Random random(trial);
    JudgeHarness harness("retry_rate");
    play_quiet_days(harness);
    auto findings = play(harness, random, 0.5, 40);
    ASSERT_FALSE(findings.empty()) << trial;
    int calls = 0;
    while (findings.back().phase != core::FindingPhase::recovered && calls < 10'000) {
      for (auto& finding : call(harness, false)) findings.push_back(std::move(finding));
      ++calls;
    }
    EXPECT_LT(calls, 120) << trial;
  }
}

// And it is not over as long as a fifth of the retries goes on.
TEST(RetryRate, IsNotOverWhileRetriesGoOn) {
  for (std::uint64_t trial = 0; trial < 10; ++trial) {
    Random random(trial);
    JudgeHarness harness("retry_rate");
    play_quiet_days(harness);
    ASSERT_FALSE(play(harness, random, 0.5, 100).empty()) << trial;
    for (const auto& finding : play(harness, random, 0.1, 2'880))
      EXPECT_NE(finding.phase, core::FindingPhase::recovered) << trial;
  }
}

}  // namespace
}  // namespace costdrift::tests
