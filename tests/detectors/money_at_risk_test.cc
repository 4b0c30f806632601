#include "detectors/money_at_risk.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace costdrift::tests {
namespace {

using detectors::MoneyAtRisk;
using detectors::Stake;

constexpr std::int64_t kFour = 4;

core::EventTime nine_o_clock(int day) { return core::EventTime{} + core::days(20'000 + day) + core::hours(9); }

core::Totals totals(double usd, std::int64_t calls, std::int64_t unpriced = 0) {
  core::Totals result;
  result.calls = calls;
  result.unpriced_calls = unpriced;
  result.cost = core::from_usd(usd);
  return result;
}

// Counts what a series spends on a day.
void spend(MoneyAtRisk& all, Stake& stake, int day, const core::Totals& totals, std::int64_t judges = kFour) {
  if (stake.add(nine_o_clock(day), totals)) all.restake(stake, judges);
}

void hour_ends(MoneyAtRisk& all, int day) { all.bucket_time_ended(nine_o_clock(day) + core::hours(1)); }

double share(const MoneyAtRisk& all, const Stake& stake) { return all.share(stake); }

struct Spender {
  double usd = 1;
  std::int64_t calls = 10;
  std::int64_t judges = kFour;
};

// Series that spend the same on two days, in the hour after.
struct Spenders {
  explicit Spenders(const std::vector<Spender>& spenders) : stakes(spenders.size()) {
    for (int day : {0, 1}) {
      for (std::size_t i = 0; i < spenders.size(); ++i) {
        spend(all, stakes[i], day, totals(spenders[i].usd, spenders[i].calls), spenders[i].judges);
      }
      hour_ends(all, day);
    }
  }
  double by_call(std::size_t i) const { return all.share(stakes[i]); }
  MoneyAtRisk all;
  std::vector<Stake> stakes;
};

TEST(MoneyAtRisk, EverySeriesHasTheSameOnItsFirstDay) {
  MoneyAtRisk all;
  Stake dear, cheap;
  spend(all, dear, 0, totals(100, 10));
  spend(all, cheap, 0, totals(1, 10));
  hour_ends(all, 0);
  EXPECT_EQ(share(all, dear), 1);
  EXPECT_EQ(share(all, cheap), 1);
}

TEST(MoneyAtRisk, EvidenceByTheCallIsSharedByWhatACallCosts) {
  const Spenders series({{.usd = 8}, {.usd = 2}, {.usd = 2000, .calls = 10'000}});
  EXPECT_DOUBLE_EQ(series.by_call(0) / series.by_call(1), 4);
  EXPECT_DOUBLE_EQ(series.by_call(2), series.by_call(1)) << "as many times the evidence as dollars";
  EXPECT_DOUBLE_EQ(series.by_call(0) + series.by_call(1) + series.by_call(2), 3) << "1 on average";
}

TEST(MoneyAtRisk, ASeriesOfMoreJudgesCountsAsOften) {
  Spenders series({{.usd = 30, .judges = 9}, {.usd = 10, .judges = 1}});
  EXPECT_NEAR(9 * series.by_call(0) + series.by_call(1), 10, 1e-9);
  spend(series.all, series.stakes[0], 2, totals(30, 10), 9);
  spend(series.all, series.stakes[1], 2, totals(10, 10), 3);
  hour_ends(series.all, 2);
  EXPECT_NEAR(9 * series.by_call(0) + 3 * series.by_call(1), 12, 1e-9) << "what was counted before is replaced";
}

TEST(MoneyAtRisk, NoJudgeHasMoreThanTenTimesTheMeanAndTheOthersHaveWhatIsCut) {
  std::vector<Spender> spenders(51, {.usd = 0.03});
  spenders.front().usd = 300;
  const Spenders series(spenders);
  EXPECT_EQ(series.by_call(0), 10);
  EXPECT_NEAR(series.by_call(1), 41.0 / 50, 0.001);
}

TEST(MoneyAtRisk, WhatCostsNextToNothingKeepsAHundredth) {
  const Spenders series({{.usd = 1000}, {.usd = 0}});
  EXPECT_EQ(series.by_call(1), 0.01);
  EXPECT_EQ(Spenders(std::vector<Spender>{{.usd = 0}}).by_call(0), 1) << "where everything is free, all have the same";
}

TEST(MoneyAtRisk, CallsWithoutAPriceAreUnknownAndNotFree) {
  Spenders series({{.usd = 10}, {.usd = 30}});
  Stake unpriced, in_part;
  for (int day : {2, 3}) {
    spend(series.all, unpriced, day, totals(0, 10, 10));
    spend(series.all, in_part, day, totals(1, 10, 9));
    for (Stake& stake : series.stakes) spend(series.all, stake, day, totals(&stake == &series.stakes[0] ? 10 : 30, 10));
    hour_ends(series.all, day);
  }
  EXPECT_EQ(share(series.all, unpriced), 1);
  EXPECT_DOUBLE_EQ(share(series.all, in_part), series.by_call(0)) << "its one priced call costs as much";
  EXPECT_DOUBLE_EQ(series.by_call(0), 0.6);
}

TEST(MoneyAtRisk, StakesAndSumsCountFromTheNextHourOnTogether) {
  Spenders series({{.usd = 2}, {.usd = 2}});
  spend(series.all, series.stakes[0], 2, totals(2, 10));
  spend(series.all, series.stakes[0], 3, totals(1e4, 10));
  series.all.bucket_time_ended(nine_o_clock(3) + core::minutes(59));
  EXPECT_EQ(series.by_call(0), 1);
  spend(series.all, series.stakes[0], 4, totals(1e4, 10));
  EXPECT_EQ(series.by_call(0), 1) << "what it cost yesterday counts when the others know of it";
  hour_ends(series.all, 4);
  EXPECT_GT(series.by_call(0), 1.9);
  EXPECT_LT(series.by_call(1), 0.1);
  Stake newcomer;
  spend(series.all, newcomer, 4, totals(1e6, 10));
  spend(series.all, newcomer, 5, totals(1e6, 10));
  EXPECT_EQ(share(series.all, newcomer), 1);
}

TEST(MoneyAtRisk, TheOrderOfSeriesInABucketTimeDoesNotMatter) {
  const auto shares = [](bool dear_first) {
    MoneyAtRisk all;
    Stake dear, cheap;
    double seen = 0;
    for (int day : {0, 1, 2, 3}) {
      if (dear_first) spend(all, dear, day, totals(day + 8, 10));
      spend(all, cheap, day, totals(2, 10));
      if (!dear_first) spend(all, dear, day, totals(day + 8, 10));
      seen = seen * 10 + share(all, cheap);
      hour_ends(all, day);
    }
    return std::tuple(seen, share(all, dear), share(all, cheap));
  };
  EXPECT_EQ(shares(true), shares(false));
}

TEST(MoneyAtRisk, APauseForgetsDollarsAndCallsAlike) {
  MoneyAtRisk all;
  Stake stake;
  for (int day = 0; day < 8; ++day) spend(all, stake, day, totals(70, 10));
  EXPECT_EQ(stake.weight(), 7'000'000'000);
  spend(all, stake, 15, totals(30, 10));
  spend(all, stake, 16, totals(30, 10));
  EXPECT_LT(stake.weight(), 6'000'000'000) << "after a week the new price counts for more";
  EXPECT_GT(stake.weight(), 4'000'000'000);
  spend(all, stake, 20'000, totals(30, 10));
  EXPECT_GT(stake.weight(), 0) << "a clock that leaps 50 years costs no time";
}

TEST(MoneyAtRisk, WhatIsSilentForMoreThanEightDaysIsNoLongerAtRisk) {
  Spenders series({{.usd = 1}, {.usd = 3}, {.usd = 100}});
  Stake& gone = series.stakes[2];
  for (int day = 2; day < 11; ++day) {
    spend(series.all, series.stakes[0], day, totals(1, 10));
    spend(series.all, series.stakes[1], day, totals(3, 10));
    hour_ends(series.all, day);
    if (day < 10) {
      EXPECT_LT(series.by_call(0), 0.1) << "a weekly job is at risk all week";
    }
  }
  EXPECT_DOUBLE_EQ(series.by_call(0), 0.5);
  EXPECT_DOUBLE_EQ(series.by_call(1), 1.5);
  spend(series.all, gone, 11, totals(100, 10));
  EXPECT_EQ(share(series.all, gone), 1) << "it is back, and the sums do not know it yet";
  hour_ends(series.all, 11);
  EXPECT_GT(share(series.all, gone), 2.5);
}

TEST(MoneyAtRisk, SenselessPricesDoNotPassTheLimitsOfSums) {
  const Spenders series(std::vector<Spender>(1000, {.usd = 9e9, .calls = 1, .judges = 20}));
  EXPECT_DOUBLE_EQ(series.by_call(0), 1);
  EXPECT_DOUBLE_EQ(series.by_call(999), 1);
}

TEST(MoneyAtRisk, ARestoredOneGoesOnAsTheFirst) {
  Spenders series({{.usd = 9}, {.usd = 1}});
  EXPECT_TRUE(series.all.changed());
  spend(series.all, series.stakes[0], 2, totals(5, 10));
  core::ByteWriter sums, stake;
  series.all.save(sums);
  series.stakes[0].save(stake);
  MoneyAtRisk other;
  Stake same;
  ASSERT_TRUE(other.restore(sums.bytes()));
  core::ByteReader in(stake.bytes());
  same.restore(in);
  EXPECT_TRUE(in.finished());
  EXPECT_EQ(share(other, same), series.by_call(0));
  for (int day : {2, 3}) {
    for (MoneyAtRisk* each : {&series.all, &other}) hour_ends(*each, day);
    EXPECT_EQ(share(other, same), series.by_call(0));
    spend(series.all, series.stakes[0], day + 1, totals(4, 10));
    spend(other, same, day + 1, totals(4, 10));
  }
  EXPECT_EQ(share(other, same), series.by_call(0));
  EXPECT_NE(share(other, same), 1);
  EXPECT_FALSE(other.restore("rubbish"));
  EXPECT_EQ(share(other, same), 1);
  core::ByteReader cut(std::string_view(stake.bytes()).substr(0, 20));
  same.restore(cut);
  EXPECT_EQ(same.weight(), Stake::kUnknown);
}

}  // namespace
}  // namespace costdrift::tests
