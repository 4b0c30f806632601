// The money gate and the level shift: the two rules that need no histogram.
#include "detectors/money_gate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "detectors/stats/level_shift.h"

namespace costdrift::detectors {
namespace {

core::EventTime window(int n) { return core::EventTime{1'772'409'600'000'000} + core::hours(6 * n); }

MoneyGate quiet_week() {
  MoneyGate gate;
  for (int w = 1; w <= 28; ++w) gate.window_closed(window(w), core::from_usd(25), false);
  return gate;
}

TEST(MoneyGate, AQuietSeriesAfterAWeekIsWorthOnePartInSeventyOfADay) {
  EXPECT_NEAR(core::to_usd(quiet_week().floor(window(28), 1)), 100 * 0.1 / 7, 1e-6);
}

TEST(MoneyGate, EveryNewShapeRaisesIt) {
  MoneyGate gate;
  for (int w = 1; w <= 28; ++w) gate.window_closed(window(w), core::from_usd(25), w <= 12);
  EXPECT_NEAR(core::to_usd(gate.floor(window(28), 1)), 100 * 0.1 * 13 / 7, 1e-6);
}

TEST(MoneyGate, TheFirstDayCountsAsADay) {
  MoneyGate gate;
  gate.window_closed(window(1), core::from_usd(25), false);
  EXPECT_NEAR(core::to_usd(gate.floor(window(1), 1)), 2.5, 1e-6);
}

TEST(MoneyGate, FewerFalsePagesNeedMoreMoney) {
  const MoneyGate gate = quiet_week();
  EXPECT_NEAR(core::to_usd(gate.floor(window(28), 0.5)) / core::to_usd(gate.floor(window(28), 1)), std::pow(2, 4.0 / 3),
              1e-6);
}

TEST(MoneyGate, TheLargestExcursionOfFourteenDaysHoldsAndIsThenForgotten) {
  MoneyGate gate = quiet_week();
  gate.excursion_ended(window(20), core::from_usd(40));
  gate.excursion_ended(window(24), core::from_usd(9));
  EXPECT_NEAR(core::to_usd(gate.floor(window(28), 1)), 40, 1e-9);
  EXPECT_NEAR(core::to_usd(gate.floor(window(20) + core::days(14), 1)), 9, 1e-9);
  core::ByteWriter out;
  gate.save(out);
  MoneyGate restored;
  core::ByteReader in(out.bytes());
  restored.restore(in);
  EXPECT_TRUE(in.finished());
  EXPECT_EQ(restored.floor(window(28), 1), gate.floor(window(28), 1));
}

std::vector<stats::WindowMean> means(int before, double level, int after, double new_level) {
  std::vector<stats::WindowMean> all;
  for (int w = 0; w < before; ++w) all.push_back({window(w), level * (w % 2 == 0 ? 0.98 : 1.02)});
  for (int w = 0; w < after; ++w) all.push_back({window(before + w), new_level});
  return all;
}

TEST(LevelShift, IsFoundWhenMostOfSixWindowsAreHigh) {
  EXPECT_FALSE(stats::level_shift(means(12, 1000, 2, 1500)));
  const auto shift = stats::level_shift(means(12, 1000, 5, 1500));
  ASSERT_TRUE(shift);
  EXPECT_NEAR(shift->expected, 1000, 25);
  EXPECT_NEAR(shift->observed, 1500, 1);
}

TEST(LevelShift, ALevelSeenBeforeIsNone) {
  auto all = means(6, 1500, 8, 1000);
  for (int w = 14; w < 20; ++w) all.push_back({window(w), 1500});
  EXPECT_FALSE(stats::level_shift(all));
}

TEST(LevelShift, NeedsHistoryAndTheLastSixWithinThreeDays) {
  EXPECT_FALSE(stats::level_shift(means(4, 1000, 6, 1500)));
  auto sparse = means(12, 1000, 6, 1500);
  for (std::size_t i = 14; i < sparse.size(); ++i) sparse[i].end = sparse[i].end + core::days(4);
  EXPECT_FALSE(stats::level_shift(sparse));
}

}  // namespace
}  // namespace costdrift::detectors
