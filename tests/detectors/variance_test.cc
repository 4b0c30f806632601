#include "detectors/stats/variance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "state/run_weight.h"
#include "tests/support/random.h"

namespace costdrift::tests {
namespace {

namespace stats = detectors::stats;

stats::LikelihoodTable retries(double calls) {
  const auto share = [calls](double p) { return static_cast<core::Weight>(p * calls * core::kOneCall); };
  const auto family = stats::odds_family(2, [](int bin) { return bin * 1.0; });
  return stats::build_table(family, {{0, share(0.95)}, {1, share(0.05)}});
}

// The factor after `hours` of 720 calls whose rate, 5 % on average, moves by `sd` of its logit each `steady` hours.
double factor(std::uint64_t seed, int hours, double sd, int steady) {
  const auto table = retries(50'000);
  Random random(seed);
  stats::VarianceInflation inflation;
  double level = 0;
  for (int hour = 0; hour < hours; ++hour) {
    if (hour % steady == 0) level = sd * random.normal();
    const double rate = 1 / (1 + std::exp(2.944 - level));
    core::Weight hits = 0;
    for (int i = 0; i < 720; ++i) hits += random.chance(rate) ? 1 : 0;
    inflation.observe(table, 50'000, {{0, (720 - hits) * core::kOneCall}, {1, hits * core::kOneCall}});
  }
  return inflation.factor();
}

double mean_factor(int hours, double sd, int steady) {
  double mean = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) mean += factor(seed, hours, sd, steady) / 60;
  return mean;
}

TEST(VarianceInflation, CostsIndependentCallsNothing) {
  EXPECT_LT(mean_factor(69, 0, 1), 1.06);
  EXPECT_LT(mean_factor(24, 0, 1), 1.1);
}

core::Counts retries_of_an_hour(Random& random, int calls = 720) {
  core::Weight hits = 0;
  for (int i = 0; i < calls; ++i) hits += random.chance(0.05) ? 1 : 0;
  return {{0, (calls - hits) * core::kOneCall}, {1, hits * core::kOneCall}};
}

// The factor after a day of independent calls, each hour judged by a table of those before it; `calls` an hour after
// three hours of 720.
double factor_of_a_first_day(std::uint64_t seed, int calls = 720) {
  Random random(seed);
  const auto family = stats::odds_family(2, [](int bin) { return bin * 1.0; });
  stats::VarianceInflation inflation;
  core::Counts baseline;
  for (int hour = 0; hour < 24; ++hour) {
    const core::Counts seen = retries_of_an_hour(random, hour < 3 ? 720 : calls);
    if (hour >= 3) inflation.observe(stats::build_table(family, baseline), core::total_calls(baseline), seen);
    core::merge_counts(baseline, seen);
  }
  return inflation.factor();
}

TEST(VarianceInflation, WhatTheFirstHoursDidNotKnowIsNoDependence) {
  double mean = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) mean += factor_of_a_first_day(seed) / 400;
  EXPECT_LT(mean, 1.1);
  double launched = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) launched += factor_of_a_first_day(seed, 40'000) / 40;
  EXPECT_LT(launched, 1.1) << "fifty times as many calls as the table has";
}

// 720 calls at 5 %: the variance of an hour's logit is 1 / 34; a wander of 0.3 makes sums vary 1 + 34 * 0.09 = 4 times.
TEST(VarianceInflation, MeasuresAWanderFromHourToHour) {
  const double mean = mean_factor(69, 0.3, 1);
  EXPECT_GT(mean, 3);
  EXPECT_LT(mean, 6);
}

TEST(VarianceInflation, NothingSeenIsOne) { EXPECT_EQ(stats::VarianceInflation().factor(), 1); }

TEST(VarianceInflation, ARestoredOneGoesOnAsTheFirst) {
  const auto table = retries(1000);
  stats::VarianceInflation first;
  const core::Counts hour{{0, 90 * core::kOneCall}, {1, 30 * core::kOneCall}};
  for (int i = 0; i < 8; ++i) first.observe(table, 1000, hour);
  core::ByteWriter out;
  first.save(out);
  stats::VarianceInflation second;
  core::ByteReader in(out.bytes());
  second.restore(in);
  EXPECT_TRUE(in.finished());
  for (int i = 0; i < 8; ++i) {
    first.observe(table, 1000, hour);
    second.observe(table, 1000, hour);
  }
  EXPECT_GT(first.factor(), 1);
  EXPECT_EQ(first.factor(), second.factor());
}

TEST(LaneInflation, AShortHistoryCostsSmallEffectsMost) {
  const auto table = retries(50'000);
  const auto much = stats::lane_inflation(table, 1, 50'000, 13.8);
  const auto little = stats::lane_inflation(table, 1, 500, 13.8);
  for (std::size_t k = 0; k < stats::kLanes; ++k) EXPECT_GT(little[k], much[k]);
  EXPECT_GT(much.front(), much.back());
  EXPECT_LT(much.back(), 1.01);
  EXPECT_NEAR(stats::lane_inflation(table, 5, 1e9, 13.8).back(), 5, 0.01);
}

TEST(RunInflation, IsWhatTheCallsOfOneRunWeighTogether) {
  const auto sum_to = [](std::int64_t calls) {
    core::Weight sum = 0;
    for (std::int64_t place = 1; place <= calls; ++place) sum += state::run_weight(place);
    return static_cast<double>(sum) / core::kOneCall;
  };
  EXPECT_LE(sum_to(100), stats::kRunInflation);
  EXPECT_GT(sum_to(100), 0.99 * stats::kRunInflation);
  EXPECT_LE(sum_to(1000), 1.02 * stats::kRunInflation) << "no call weighs nothing";
}

}  // namespace
}  // namespace costdrift::tests
