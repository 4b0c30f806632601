#include "detectors/stats/estimate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/log_bins.h"
#include "tests/support/judge_harness.h"

namespace costdrift::tests {
namespace {

core::Counts sample(Random& random, int calls, double shift, double scale, double sigma = 0.5) {
  core::Counts counts;
  for (int i = 0; i < calls; ++i) {
    const double value = random.log_normal(3000, sigma) * scale + shift;
    core::merge_counts(counts, {{static_cast<std::int16_t>(core::log_bin(std::llround(value))), core::kOneCall}});
  }
  return counts;
}

// Over seeded trials: the 80 % interval holds the truth in about four of five, and is not as wide as a barn door.
TEST(FitGrowth, IntervalsHoldTheTruthAsOftenAsTheySay) {
  const double truth = 0.2;
  int held = 0, above_low = 0;
  double width = 0;
  constexpr int kTrials = 60;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    Random random(trial);
    const auto before = sample(random, 4000, 0, 1);
    const auto effect = detectors::stats::fit_growth(before, sample(random, 100, 0, 1 + truth), 1);
    held += effect.low <= truth && truth <= effect.high ? 1 : 0;
    above_low += effect.low <= truth ? 1 : 0;
    width += (effect.high - effect.low) / kTrials;
  }
  EXPECT_GE(held, kTrials * 7 / 10);
  EXPECT_GE(above_low, kTrials * 8 / 10);
  RecordProperty("mean_width", std::to_string(width));
  EXPECT_GT(width, 0.08);
  EXPECT_LT(width, 0.25);
}

// A baseline of few calls with a long tail is a sample itself, whose accidents are no shape.
TEST(FitGrowth, FewCallsOnBothSidesNeverSayNonsense) {
  for (const double truth : {0.0, 0.3, 1.0}) {
    int above_low = 0;
    constexpr int kTrials = 40;
    for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
      Random random(1000 + trial);
      const auto before = sample(random, 500, 0, 1, 1.2);
      const auto effect = detectors::stats::fit_growth(before, sample(random, 300, 0, 1 + truth, 1.2), 1);
      EXPECT_NEAR(effect.effect, truth, 0.75 * (1 + truth)) << trial;
      EXPECT_LE(effect.low, effect.effect);
      EXPECT_GE(effect.high, effect.effect);
      above_low += effect.low <= truth ? 1 : 0;
    }
    EXPECT_GE(above_low, truth > 0 ? kTrials * 3 / 4 : kTrials / 2) << truth << ": the effect is never below zero";
  }
}

TEST(FitGrowth, FindsAShiftAndAScale) {
  Random random(9);
  const auto before = sample(random, 20'000, 0, 1);
  const double mean = 3000 * std::exp(0.125);
  EXPECT_NEAR(detectors::stats::fit_growth(before, sample(random, 3000, 900, 1), 1).effect, 900 / mean, 0.02);
  EXPECT_NEAR(detectors::stats::fit_growth(before, sample(random, 3000, 0, 1.5), 1).effect, 0.5, 0.03);
  EXPECT_LT(detectors::stats::fit_growth(before, sample(random, 3000, 0, 1), 1).effect, 0.02);
}

TEST(FitRate, WilsonIntervalAndNoHitsBefore) {
  const auto effect = detectors::stats::fit_rate(50, 1000, 100, 400, 1);
  EXPECT_DOUBLE_EQ(effect.expected, 0.05);
  EXPECT_DOUBLE_EQ(effect.observed, 0.25);
  EXPECT_NEAR(effect.effect, 4, 1e-9);
  EXPECT_LT(effect.low, 4);
  EXPECT_GT(effect.low, 3);
  EXPECT_GT(detectors::stats::fit_rate(0, 1000, 5, 100, 1).effect, 10);
}

TEST(Quantile, IsWithinOnePercent) {
  core::Counts counts;
  for (int value = 1; value <= 10'000; ++value) {
    core::merge_counts(counts, {{static_cast<std::int16_t>(core::log_bin(value)), core::kOneCall}});
  }
  EXPECT_NEAR(detectors::stats::quantile(counts, 0.5), 5000, 100);
  EXPECT_NEAR(detectors::stats::quantile(counts, 0.99), 9900, 150);
  EXPECT_NEAR(detectors::stats::mean_value(counts), 5000.5, 50);
}

}  // namespace
}  // namespace costdrift::tests
