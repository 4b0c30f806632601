#include <gtest/gtest.h>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

core::UsageEvent call(Random& random, double median_ms) {
  core::UsageEvent event;
  event.latency_ms = random.log_normal(median_ms, 0.5);
  event.cost = core::from_usd(0.01);
  return event;
}

TEST(Latency, FindsCallsThatTakeHalfAsLongAgain) {
  const Trials trials = try_detector(
      "latency", [](Random& r, bool drifted) { return call(r, drifted ? 2250 : 1500); }, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 150);
  EXPECT_NEAR(trials.last.expected, 1500 * std::exp(1.645 * 0.5), 150);
}

TEST(Latency, FindsATailThatStalls) {
  const auto draw = [](Random& r, bool drifted) { return call(r, drifted && r.chance(0.06) ? 12'000 : 1500); };
  const Trials trials = try_detector("latency", draw, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_LT(trials.mean_calls, 400);
}

TEST(Latency, HasNoDollarsAndSaysSo) {
  const Trials trials = try_detector(
      "latency", [](Random& r, bool drifted) { return call(r, drifted ? 4500 : 1500); }, 1);
  ASSERT_EQ(trials.found, 1);
  EXPECT_FALSE(trials.last.monetary);
  EXPECT_FALSE(trials.last.money_known);
  EXPECT_FALSE(trials.last.page_without_money) << "a ticket, unless configured otherwise";
  EXPECT_EQ(trials.last.excess_usd_per_hour, 0);
}

TEST(Latency, IsSilentWhereNothingChanges) {
  EXPECT_LE(quiet_alarms("latency", [](Random& r, bool) { return call(r, 1500); }), 1U);
}

}  // namespace
}  // namespace costdrift::tests
