#include <gtest/gtest.h>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

// So many tools a response on average, geometric from 0.
core::UsageEvent call(Random& random, double mean) {
  core::UsageEvent event;
  event.tool_calls = static_cast<std::int64_t>(random.exponential() / std::log1p(1 / mean));
  event.cost = event.input_cost = {3'000'000 + *event.tool_calls * 500'000};
  return event;
}

TEST(ToolCalls, FindsThreeTimesAsManyOfAFew) {
  const Trials trials = try_detector(
      "tool_calls", [](Random& r, bool drifted) { return call(r, drifted ? 1.2 : 0.4); }, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 150);
  EXPECT_NEAR(trials.last.expected, 0.4, 0.03);
}

TEST(ToolCalls, FindsHalfAsManyAgainOfMany) {
  const Trials trials = try_detector(
      "tool_calls", [](Random& r, bool drifted) { return call(r, drifted ? 9 : 6); }, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_LT(trials.mean_calls, 400);
  EXPECT_GT(trials.last.excess_so_far.nano, 0);
}

TEST(ToolCalls, FindsThemPerRunToo) {
  Random random(9);
  JudgeHarness harness("tool_calls", kTrialJudges);
  const auto bucket = [&](double mean) {
    core::UsageEvent silent;  // a producer that counts tools at the end of a run only
    silent.cost = {1'000'000};
    harness.call(silent);
    harness.run({.to_depth = 3, .ended = true, .tool_calls = std::llround(random.exponential() * mean)});
    return harness.close();
  };
  for (int b = 0; b < 26 * kBucketsPerHour; ++b) EXPECT_TRUE(bucket(6).empty());
  std::vector<core::Finding> findings;
  for (int b = 0; b < kBucketsPerHour && findings.empty(); ++b) findings = bucket(12);
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings.front().aspect, "run");
  EXPECT_EQ(findings.front().unit, "tool calls/run");
}

TEST(ToolCalls, IsSilentWhereNothingChangesAndWhereNobodyCounts) {
  EXPECT_LE(quiet_alarms("tool_calls", [](Random& r, bool) { return call(r, 0.4); }), 1U);
  JudgeHarness harness("tool_calls");
  harness.call({});
  harness.run({.to_depth = 3, .ended = true});
  EXPECT_TRUE(harness.open().metrics.empty());
}

}  // namespace
}  // namespace costdrift::tests
