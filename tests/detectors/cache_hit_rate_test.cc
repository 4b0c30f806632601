#include "detectors/cache_hit_rate.h"

#include <gtest/gtest.h>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

core::UsageEvent call(std::optional<std::int64_t> step, double hit) {
  core::UsageEvent event;
  event.step = step;
  event.input_tokens = 10'000;
  event.cache_read_tokens = std::llround(10'000 * hit);
  event.cost = event.cacheable_cost = {20'000'000};
  return event;
}

// A call at a random step up to `last` of an agent's run: the first finds nothing in the cache, the second half of its
// input, later ones `hit` of it, give or take; one in fifty finds little.
core::UsageEvent agent_call(Random& random, int last, double hit) {
  const int step = 1 + static_cast<int>(random.uniform() * last);
  if (step > 2 && random.uniform() < 0.02) return call(step, 0.6 * random.uniform());
  const double usual = step == 1 ? 0 : step == 2 ? 0.5 : hit;
  return call(step, std::clamp(usual + 0.2 * (random.uniform() - 0.5), 0.0, 1.0));
}

TEST(CacheHitRate, FindsCallsThatMissTwiceAsOften) {
  const Trials trials = try_detector(
      "cache_hit_rate", [](Random& r, bool drifted) { return call({}, r.uniform() < (drifted ? 0.3 : 0.6) ? 0.9 : 0); },
      8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 200);
  EXPECT_NEAR(trials.last.expected, 0.54, 0.03);
}

TEST(CacheHitRate, FindsALossInTheMiddleOfRuns) {
  const Trials trials = try_detector(
      "cache_hit_rate", [](Random& r, bool drifted) { return agent_call(r, 40, drifted ? 0.5 : 0.9); }, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 100);
}

// Agents that start many others make the share of cold calls ten times as large; none of them is colder than it was.
TEST(CacheHitRate, ManyRunsThatBeginAtOnceAreNoLoss) {
  const Trials trials = try_detector(
      "cache_hit_rate", [](Random& r, bool drifted) { return agent_call(r, drifted ? 4 : 40, 0.9); }, 8);
  EXPECT_EQ(trials.found, 0);
  EXPECT_EQ(trials.false_alarms, 0);
}

TEST(CacheHitRate, ExpectsWhatThePresentStepsUsedToHave) {
  const Draw draw = [](Random& r, bool drifted) { return agent_call(r, drifted ? 4 : 40, drifted ? 0.3 : 0.9); };
  Random random(1);
  JudgeHarness harness("cache_hit_rate", kTrialJudges);
  EXPECT_TRUE(play(harness, random, draw, false, 26 * kBucketsPerHour).empty());
  const auto findings = play(harness, random, draw, true, kBucketsPerHour);
  ASSERT_FALSE(findings.empty());
  const double first_four_steps = (0 + 0.5 + 0.9 + 0.9) / 4;
  EXPECT_NEAR(findings.back().expected, first_four_steps, 0.06);
}

}  // namespace
}  // namespace costdrift::tests
