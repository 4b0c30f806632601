// Which application of a roll-up, or which kind of its calls, a rise of spend is.
#include "detectors/spend_drivers.h"

#include <gtest/gtest.h>

namespace costdrift::detectors {
namespace {

using core::Dimension;
using core::EventTime;

constexpr EventTime kOnset{1'773'322'500'000'000};  // 2026-03-12T13:35:00Z

core::AttributeTotals calls_of(double count, double usd_a_call) {
  core::AttributeTotals totals;
  totals.calls = static_cast<std::int64_t>(count);
  totals.cost = core::from_usd(count * usd_a_call);
  return totals;
}

// Every hour is like every other one, but for what has been different since the onset.
class TwoWeeks final : public core::SeriesHistory {
 public:
  std::map<std::string, double> calls_an_hour{{"desk", 400}, {"search", 300}, {"docs", 200}};
  std::map<std::string, double> factor;  // since the onset
  bool is_roll_up = true;

  core::BucketSummary sum(EventTime from, EventTime to) const override {
    core::BucketSummary summary;
    for (const auto& [use_case, totals] : amounts(from, to))
      summary.attributes[{{Dimension::use_case, use_case}}] = totals;
    return summary;
  }
  std::map<std::string, core::AttributeTotals> by_app(EventTime from, EventTime to) const override {
    return is_roll_up ? amounts(from, to) : std::map<std::string, core::AttributeTotals>();
  }

 private:
  std::map<std::string, core::AttributeTotals> amounts(EventTime from, EventTime to) const {
    std::map<std::string, core::AttributeTotals> result;
    for (const auto& [name, calls] : calls_an_hour) {
      const auto changed = factor.find(name);
      const double times = from >= kOnset && changed != factor.end() ? changed->second : 1;
      result[name] = calls_of(calls * times * core::to_hours(to - from), 0.02);
    }
    return result;
  }
};

TEST(SpendDrivers, NameTheApplicationThatMakesMoreCalls) {
  TwoWeeks history;
  history.factor = {{"search", 3}, {"docs", 1.3}};
  const auto drivers = spend_drivers(history, kOnset, kOnset + core::minutes(130));
  ASSERT_FALSE(drivers.empty());
  EXPECT_EQ(drivers[0].dimension, Dimension::app);
  EXPECT_EQ(drivers[0].value, "search");
  EXPECT_EQ(drivers[0].kind, core::DriverKind::volume);
  EXPECT_NEAR(drivers[0].share, 600.0 / 660, 0.05);
}

TEST(SpendDrivers, NameAKindOfCallsOfOneApplication) {
  TwoWeeks history;
  history.is_roll_up = false;
  history.factor = {{"search", 3}};
  const auto drivers = spend_drivers(history, kOnset, kOnset + core::minutes(130));
  ASSERT_FALSE(drivers.empty());
  EXPECT_EQ(drivers[0].dimension, Dimension::use_case);
  EXPECT_EQ(drivers[0].value, "search");
}

TEST(SpendDrivers, SayNothingWhenAllRoseAlikeOrNoneWasThere) {
  TwoWeeks history;
  for (const auto& [app, calls] : history.calls_an_hour) history.factor[app] = 2;
  EXPECT_TRUE(spend_drivers(history, kOnset, kOnset + core::minutes(130)).empty());
  history.calls_an_hour.clear();
  EXPECT_TRUE(spend_drivers(history, kOnset, kOnset + core::minutes(130)).empty());
}

}  // namespace
}  // namespace costdrift::detectors
