// Both ways, over seeded streams: evidence stays a martingale without change, so that a threshold is a false-alarm
// rate; and with a change it crosses soon.
#include "detectors/stats/shiryaev_roberts.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/random.h"

namespace costdrift::tests {
namespace {

namespace stats = detectors::stats;

constexpr std::array<double, stats::kLanes> kNoInflation{1, 1, 1, 1, 1, 1, 1, 1};

// Odds of a hit, on a baseline of 5 % that is known exactly.
stats::LikelihoodTable retries(const std::vector<stats::Lane>& lanes = stats::odds_lanes()) {
  stats::LaneFamily family = stats::odds_family(2, [](int bin) { return bin * 1.0; });
  family.lanes = lanes;
  return stats::build_table(family, {{0, 950'000 * core::kOneCall}, {1, 50'000 * core::kOneCall}});
}

core::Counts bucket(Random& random, int calls, double rate) {
  int hits = 0;
  for (int i = 0; i < calls; ++i) hits += random.chance(rate) ? 1 : 0;
  core::Counts counts;
  if (hits < calls) counts.push_back({0, (calls - hits) * core::kOneCall});
  if (hits > 0) counts.push_back({1, hits * core::kOneCall});
  return counts;
}

double evidence(const stats::MixtureSr& lanes) { return std::exp(lanes.log_evidence()); }

// E[R_n] = n under the null, whatever the size of the buckets. Lanes of small effects: R of large ones is rarely large
// and then very large, and no mean over streams comes near its expectation.
TEST(MixtureSr, EvidenceGrowsByOneACallOnAverage) {
  std::vector<stats::Lane> lanes_of_small_effects;
  for (const double odds : {1.05, 1.1, 1.15, 1.2, 1.3, 1.4, 1.5, 1.6}) {
    lanes_of_small_effects.push_back({stats::LaneKind::tilt, odds});
  }
  const auto table = retries(lanes_of_small_effects);
  for (const int calls : {1, 17}) {
    constexpr int kStreams = 4000, kCalls = 51;
    double mean = 0;
    for (std::uint64_t stream = 0; stream < kStreams; ++stream) {
      Random random(stream);
      stats::MixtureSr lanes;
      for (int seen = 0; seen < kCalls; seen += calls) {
        lanes.update(table, bucket(random, calls, 0.05), kNoInflation, 5, 5);
      }
      mean += evidence(lanes) / kStreams;
    }
    EXPECT_NEAR(mean, kCalls, 1.5) << calls << " calls a bucket";
  }
}

TEST(MixtureSr, AThresholdIsTheCallsBetweenFalseAlarms) {
  const auto table = retries();
  constexpr double kThreshold = 3000;
  constexpr int kCalls = 600'000;  // 200 alarms are the most to be expected
  Random random(7);
  stats::MixtureSr lanes;
  int alarms = 0;
  for (int seen = 0; seen < kCalls; seen += 5) {
    lanes.update(table, bucket(random, 5, 0.05), kNoInflation, 5, 5);
    if (evidence(lanes) < kThreshold) continue;
    ++alarms;
    lanes.reset();
  }
  EXPECT_LE(alarms, kCalls / kThreshold * 1.2);
  EXPECT_GE(alarms, kCalls / kThreshold * 0.4);
}

// The oracle that knows both rates needs 431 calls at this false-alarm rate (closed form: bench/README.md).
TEST(MixtureSr, FindsADoubledRateWithinAThirdOfTheOptimum) {
  const auto table = retries();
  constexpr int kTrials = 200;
  double mean = 0, age = 0;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    Random random(trial);
    stats::MixtureSr lanes;
    for (int i = 0; i < 2000; ++i) lanes.update(table, bucket(random, 1, 0.05), kNoInflation, 5, 5);
    int calls = 0;
    for (; evidence(lanes) < 1e6 && calls < 10'000; ++calls) {
      lanes.update(table, bucket(random, 1, 0.10), kNoInflation, 5, 5);
    }
    mean += calls / static_cast<double>(kTrials);
    age += lanes.age().mean_s / 5 / kTrials;
  }
  EXPECT_LT(mean, 431 * 1.35);
  EXPECT_NEAR(age, mean, 0.2 * mean);  // the onset that is told
}

TEST(MixtureSr, InflationSlowsEvidenceDown) {
  const auto table = retries();
  std::array<double, stats::kLanes> inflation;
  inflation.fill(4);
  Random random(1);
  stats::MixtureSr plain, tempered;
  for (int i = 0; i < 200; ++i) {
    const auto counts = bucket(random, 5, 0.25);
    plain.update(table, counts, kNoInflation, 5, 5);
    tempered.update(table, counts, inflation, 5, 5);
  }
  EXPECT_LT(tempered.log_evidence(), plain.log_evidence() / 2);
}

TEST(MixtureSr, StaysFiniteWhateverComes) {
  const auto table = retries();
  stats::MixtureSr lanes;
  EXPECT_EQ(lanes.log_evidence(), -INFINITY);
  for (int i = 0; i < 50; ++i) lanes.update(table, {{1, 100'000 * core::kOneCall}}, kNoInflation, 5, 5);
  EXPECT_GT(lanes.log_evidence(), 200);
  EXPECT_LT(lanes.log_evidence(), 240);
  lanes.update(table, {{0, 1'000'000 * core::kOneCall}}, kNoInflation, 5, 5);
  EXPECT_FALSE(std::isnan(lanes.log_evidence()));
  EXPECT_FALSE(std::isnan(lanes.age().mean_s));
}

TEST(MixtureSr, ARestoredOneGoesOnAsTheFirst) {
  const auto table = retries();
  Random random(9);
  stats::MixtureSr first;
  for (int i = 0; i < 100; ++i) first.update(table, bucket(random, 3, 0.08), kNoInflation, 5, 5);
  core::ByteWriter out;
  first.save(out);
  stats::MixtureSr second;
  core::ByteReader in(out.bytes());
  second.restore(in);
  EXPECT_TRUE(in.finished());
  const auto next = bucket(random, 3, 0.08);
  first.update(table, next, kNoInflation, 5, 5);
  second.update(table, next, kNoInflation, 5, 5);
  EXPECT_EQ(first.log_evidence(), second.log_evidence());
  EXPECT_EQ(first.age().mean_s, second.age().mean_s);
  EXPECT_EQ(first.leading_lane(), second.leading_lane());
}

}  // namespace
}  // namespace costdrift::tests
