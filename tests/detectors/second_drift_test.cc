// What happens to a series that already drifts: a larger drift on top of a small one, and the end.
#include <gtest/gtest.h>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

core::UsageEvent prompt(Random& random, double factor, double spread = 0.6) {
  core::UsageEvent event;
  event.input_tokens = std::llround(random.log_normal(2000, spread) * factor);
  event.cost = event.input_cost = core::from_usd(static_cast<double>(*event.input_tokens) * 3e-6);
  return event;
}

std::vector<core::Finding> play_factor(JudgeHarness& harness, Random& random, double factor, double hours,
                                       double spread = 0.6) {
  const auto draw = [&](Random& r, bool) { return prompt(r, factor, spread); };
  return play(harness, random, draw, true, static_cast<int>(hours * kBucketsPerHour));
}

const core::Finding* first_large(const std::vector<core::Finding>& findings) {
  const auto found = std::find_if(findings.begin(), findings.end(), [](const auto& f) { return f.effect > 0.3; });
  return found == findings.end() ? nullptr : &*found;
}

// Ten hours of a small drift, then a large one: what the judge said of the small one at last.
core::Finding expect_large_told_soon(std::uint64_t trial, double small, double large) {
  Random random(trial);
  JudgeHarness harness("prompt_growth", kTrialJudges);
  EXPECT_TRUE(play_factor(harness, random, 1, 26).empty());
  const auto before = play_factor(harness, random, small, 10);
  const core::EventTime change = harness.now();
  const auto findings = play_factor(harness, random, large, 0.5);
  const core::Finding* told = first_large(findings);
  EXPECT_TRUE(told != nullptr && told->evaluated_at - change <= core::minutes(10)) << trial;
  EXPECT_TRUE(told != nullptr && change - told->onset <= core::minutes(10)) << trial;
  EXPECT_FALSE(before.empty()) << trial;
  return before.empty() ? core::Finding() : before.back();
}

// Six percent are not worth a word, yet the judge knows of them, and what came since is half a day of nearly nothing.
TEST(SecondDrift, IsToldSoonOnTopOfOneThatIsTooSmallToTell) {
  for (std::uint64_t trial = 0; trial < 5; ++trial) {
    EXPECT_FALSE(core::material(expect_large_told_soon(trial, 1.06, 1.5), 0.1)) << trial;
  }
}

TEST(SecondDrift, IsToldSoonOnTopOfATicket) {
  for (std::uint64_t trial = 0; trial < 5; ++trial) {
    EXPECT_TRUE(core::material(expect_large_told_soon(trial, 1.13, 1.8), 0.1)) << trial;
  }
}

TEST(SecondDrift, OneThatStaysAsItIsKeepsItsOnset) {
  for (std::uint64_t trial = 0; trial < 5; ++trial) {
    Random random(trial);
    JudgeHarness harness("prompt_growth", kTrialJudges);
    EXPECT_TRUE(play_factor(harness, random, 1, 26).empty());
    const auto findings = play_factor(harness, random, 1.13, 24);
    ASSERT_FALSE(findings.empty()) << trial;
    for (const auto& finding : findings) EXPECT_EQ(finding.onset, findings.front().onset) << trial;
  }
}

TEST(SecondDrift, IsToldAlikeAfterRestarts) {
  expect_alike_after_restarts("prompt_growth", 7, 2 * 38, [](JudgeHarness& harness, Random& random, int step) {
    const double factor = step < 2 * 26 ? 1 : step < 2 * 36 ? 1.13 : 1.8;
    return play_factor(harness, random, factor, 0.5);
  });
}

// A series with two shapes, one for the night.
TEST(EndOfDrift, OfASeriesWithSeveralModesIsToldWithinHours) {
  for (std::uint64_t trial = 0; trial < 5; ++trial) {
    Random random(trial);
    JudgeHarness harness("prompt_growth", kTrialJudges);
    std::vector<core::Finding> findings;
    const auto hours = [&](int count, double factor) {
      for (int hour = 0; hour < count; ++hour) {
        const bool night = core::to_hours(harness.now() - core::floor_to(harness.now(), core::days(1))) < 12;
        const double of_hour = factor * (night ? 4 : 1);
        for (auto& finding : play_factor(harness, random, of_hour, 1, 0.25)) findings.push_back(finding);
      }
    };
    hours(5 * 24 + 13, 1);
    ASSERT_TRUE(findings.empty()) << trial;
    hours(4, 1.6);
    ASSERT_FALSE(findings.empty()) << trial;
    const core::EventTime end = harness.now();
    for (int hour = 0; hour < 60 && findings.back().phase != core::FindingPhase::recovered; ++hour) hours(1, 1);
    EXPECT_EQ(findings.back().phase, core::FindingPhase::recovered) << trial;
    EXPECT_LE(findings.back().evaluated_at - end, core::hours(3)) << trial;
  }
}

}  // namespace
}  // namespace costdrift::tests
