#include "detectors/money_at_risk.h"

#include <gtest/gtest.h>

#include <tuple>
#include <vector>

namespace costdrift::tests {
namespace {

using detectors::EvidencePer;
using detectors::MoneyAtRisk;
using detectors::Stake;

constexpr Stake::Judges kFour{4, 1};

core::EventTime day(int number) { return core::EventTime{} + core::days(20'000 + number); }

// Counts what a series spends in a day of so many calls.
void spend(MoneyAtRisk& all, Stake& stake, int number, double usd, std::int64_t calls, Stake::Judges judges = kFour) {
  core::Totals totals;
  totals.calls = calls;
  totals.cost = core::from_usd(usd);
  if (stake.add(day(number) + core::hours(9), totals)) all.restake(stake, judges);
}

double share(const MoneyAtRisk& all, const Stake& stake) { return all.share(stake, EvidencePer::call); }

TEST(MoneyAtRisk, EverySeriesHasTheSameOnItsFirstDay) {
  MoneyAtRisk all;
  Stake dear, cheap;
  spend(all, dear, 0, 100, 10);
  spend(all, cheap, 0, 1, 10);
  all.bucket_time_ended();
  EXPECT_EQ(share(all, dear), 1);
  EXPECT_EQ(share(all, cheap), 1);
}

TEST(MoneyAtRisk, EvidenceByTheCallIsSharedByWhatACallCosts) {
  MoneyAtRisk all;
  Stake dear, cheap, busy;
  for (int number : {0, 1}) {
    spend(all, dear, number, 8, 10);
    spend(all, cheap, number, 2, 10);
    spend(all, busy, number, 2000, 10'000);
  }
  all.bucket_time_ended();
  EXPECT_DOUBLE_EQ(share(all, dear) / share(all, cheap), 4);
  EXPECT_DOUBLE_EQ(share(all, busy), share(all, cheap)) << "as many times the evidence as dollars";
  EXPECT_DOUBLE_EQ(share(all, dear) + share(all, cheap) + share(all, busy), 3) << "1 on average";
}

TEST(MoneyAtRisk, EvidenceByTheMinuteIsSharedByWhatADayCosts) {
  MoneyAtRisk all;
  Stake small, large;
  for (int number : {0, 1}) {
    spend(all, small, number, 100, 10);
    spend(all, large, number, 300, 10'000);
  }
  all.bucket_time_ended();
  EXPECT_DOUBLE_EQ(all.share(small, EvidencePer::minute), 0.5);
  EXPECT_DOUBLE_EQ(all.share(large, EvidencePer::minute), 1.5);
}

TEST(MoneyAtRisk, ASeriesOfMoreJudgesCountsAsOften) {
  MoneyAtRisk all;
  Stake many, few;
  for (int number : {0, 1}) {
    spend(all, many, number, 30, 10, {9, 0});
    spend(all, few, number, 10, 10, {1, 0});
  }
  all.bucket_time_ended();
  EXPECT_NEAR(9 * share(all, many) + share(all, few), 10, 1e-9);
  spend(all, few, 2, 10, 10, {3, 0});
  all.bucket_time_ended();
  EXPECT_NEAR(9 * share(all, many) + 3 * share(all, few), 12, 1e-9) << "what was counted before is replaced";
}

TEST(MoneyAtRisk, WhatCostsNextToNothingKeepsAHundredth) {
  MoneyAtRisk all;
  Stake dear, free_of_charge;
  for (int number : {0, 1}) {
    spend(all, dear, number, 1000, 10);
    spend(all, free_of_charge, number, 0, 10);
  }
  all.bucket_time_ended();
  EXPECT_EQ(share(all, free_of_charge), 0.01);
  MoneyAtRisk unpriced;
  Stake one;
  for (int number : {0, 1}) spend(unpriced, one, number, 0, 10);
  unpriced.bucket_time_ended();
  EXPECT_EQ(share(unpriced, one), 1) << "where nothing has a price, all have the same";
}

TEST(MoneyAtRisk, TheOrderOfSeriesInABucketTimeDoesNotMatter) {
  const auto shares = [](bool dear_first) {
    MoneyAtRisk all;
    Stake dear, cheap;
    double seen = 0;
    for (int number : {0, 1, 2}) {
      if (dear_first) spend(all, dear, number, number + 8, 10);
      spend(all, cheap, number, 2, 10);
      if (!dear_first) spend(all, dear, number, number + 8, 10);
      seen = seen * 10 + share(all, cheap);
      all.bucket_time_ended();
    }
    return std::tuple(seen, share(all, dear), share(all, cheap));
  };
  EXPECT_EQ(shares(true), shares(false));
}

TEST(MoneyAtRisk, AWeekWithoutCallsIsAWeekWithoutDollars) {
  MoneyAtRisk all;
  Stake stake, other;
  for (int number = 0; number < 8; ++number) spend(all, stake, number, 70, 10);
  const std::int64_t before = stake.weight(EvidencePer::minute);
  EXPECT_EQ(before, 70'000'000);
  spend(all, stake, 15, 70, 10);
  EXPECT_LT(stake.weight(EvidencePer::minute), before / 2);
  EXPECT_EQ(stake.weight(EvidencePer::call), 7'000'000'000) << "a call costs what it did";
  spend(all, stake, 20'000, 70, 10);
  EXPECT_EQ(stake.weight(EvidencePer::minute) / 1'000'000, 0) << "a clock that leaps 50 years costs no time";
}

TEST(MoneyAtRisk, WhatIsSilentForMoreThanEightDaysIsNoLongerAtRisk) {
  MoneyAtRisk all;
  Stake gone, cheap, dear;
  for (int number : {0, 1}) spend(all, gone, number, 1000, 10);
  for (int number = 0; number < 10; ++number) {
    spend(all, cheap, number, 1, 10);
    spend(all, dear, number, 3, 10);
    all.bucket_time_ended();
  }
  EXPECT_EQ(share(all, cheap), 0.01) << "a weekly job is at risk all week";
  spend(all, cheap, 10, 1, 10);
  spend(all, dear, 10, 3, 10);
  all.bucket_time_ended();
  EXPECT_DOUBLE_EQ(share(all, cheap), 0.5);
  EXPECT_DOUBLE_EQ(share(all, dear), 1.5);
  spend(all, gone, 11, 1000, 10);
  all.bucket_time_ended();
  EXPECT_GT(share(all, gone), 2.9) << "it is back";
}

TEST(MoneyAtRisk, SenselessPricesDoNotPassTheLimitsOfSums) {
  MoneyAtRisk all;
  std::vector<Stake> stakes(1000);
  for (int number : {0, 1}) {
    for (Stake& stake : stakes) spend(all, stake, number, 9e9, 1, {20, 5});
  }
  all.bucket_time_ended();
  EXPECT_DOUBLE_EQ(share(all, stakes.front()), 1);
  EXPECT_DOUBLE_EQ(all.share(stakes.back(), EvidencePer::minute), 1);
}

TEST(MoneyAtRisk, ARestoredOneGoesOnAsTheFirst) {
  MoneyAtRisk all;
  Stake dear, cheap;
  for (int number : {0, 1, 2}) {
    spend(all, dear, number, 9, 10);
    spend(all, cheap, number, 1, 10);
    all.bucket_time_ended();
  }
  EXPECT_TRUE(all.changed());
  core::ByteWriter sums, stake;
  all.save(sums);
  dear.save(stake);
  MoneyAtRisk other;
  Stake same;
  ASSERT_TRUE(other.restore(sums.bytes()));
  core::ByteReader in(stake.bytes());
  same.restore(in);
  EXPECT_TRUE(in.finished());
  EXPECT_EQ(share(other, same), share(all, dear));
  spend(all, dear, 3, 4, 10);
  spend(other, same, 3, 4, 10);
  for (MoneyAtRisk* each : {&all, &other}) each->bucket_time_ended();
  EXPECT_EQ(share(other, same), share(all, dear));
  EXPECT_FALSE(other.restore("rubbish"));
  EXPECT_EQ(share(other, same), 1);
}

}  // namespace
}  // namespace costdrift::tests
