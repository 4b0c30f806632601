// A drift that was never worth a page and to which nobody objects for three days is what this series does: it is told
// once, learned, and the next change is judged against it. The same at once for what somebody calls expected.
#include <gtest/gtest.h>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

constexpr int kDay = 24 * kBucketsPerHour;

core::UsageEvent prompt(Random& random, double factor) {
  core::UsageEvent event;
  event.input_tokens = std::llround(random.log_normal(2000, 0.6) * factor);
  event.cost = event.input_cost = core::from_usd(static_cast<double>(*event.input_tokens) * 1e-7);
  return event;
}

core::UsageEvent cached(Random& random, double hit_rate) {
  core::UsageEvent event;
  event.input_tokens = 4000;
  event.cache_read_tokens = random.chance(hit_rate) ? 3600 : 0;
  event.cost = event.input_cost = core::from_usd(0.0004);
  event.cacheable_cost = core::from_usd(0.0003);
  return event;
}

using DrawAt = core::UsageEvent (*)(Random&, double level);

struct Series {
  std::string_view detector;
  DrawAt draw;
  double usual, drifted, worse;
};

class AbsorbedDrift : public testing::TestWithParam<Series> {
 protected:
  std::vector<core::Finding> play(double level, int buckets) {
    const Draw draw = [&](Random& random, bool) { return GetParam().draw(random, level); };
    return tests::play(harness_, random_, draw, false, buckets);
  }
  JudgeHarness harness_{GetParam().detector, kTrialJudges};
  Random random_{7};
};

TEST_P(AbsorbedDrift, IsToldOnceAndIsTheNormalOfWhatComesAfter) {
  EXPECT_TRUE(play(GetParam().usual, 10 * kDay).empty());
  const auto during = play(GetParam().drifted, 3 * kDay + kBucketsPerHour);
  ASSERT_FALSE(during.empty());
  int ended = 0;
  for (const auto& finding : during) ended += finding.phase != core::FindingPhase::drifting ? 1 : 0;
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(during.back().phase, core::FindingPhase::absorbed);
  EXPECT_TRUE(play(GetParam().drifted, 5 * kDay).empty()) << "told again";
  const auto worse = play(GetParam().worse, 2 * kBucketsPerHour);
  ASSERT_FALSE(worse.empty());
  EXPECT_NEAR(worse.front().expected, during.back().observed, 0.25 * during.back().observed);
}

TEST_P(AbsorbedDrift, WhatSomebodyCallsExpectedIsNotToldAgainEither) {
  EXPECT_TRUE(play(GetParam().usual, 10 * kDay).empty());
  ASSERT_FALSE(play(GetParam().drifted, kBucketsPerHour).empty());
  harness_.judge().rebase({});
  EXPECT_TRUE(play(GetParam().drifted, 5 * kDay).empty()) << "told again";
  EXPECT_FALSE(play(GetParam().worse, 2 * kBucketsPerHour).empty());
}

INSTANTIATE_TEST_SUITE_P(Detectors, AbsorbedDrift,
                         testing::Values(Series{"prompt_growth", prompt, 1, 1.5, 2.2},
                                         Series{"cache_hit_rate", cached, 0.6, 0.3, 0.1}),
                         [](const auto& info) { return std::string(info.param.detector); });

}  // namespace
}  // namespace costdrift::tests
