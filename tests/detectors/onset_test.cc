#include "detectors/onset.h"

#include <gtest/gtest.h>

#include <numeric>

#include "tests/support/memory_history.h"

namespace costdrift::tests {
namespace {

namespace stats = detectors::stats;

constexpr core::EventTime kStart{1'772'409'600'000'000};
constexpr core::Duration kBucket = core::seconds(5);

stats::LikelihoodTable table_of(double misses) {
  const auto weight = [](double calls) { return static_cast<core::Weight>(calls * core::kOneCall); };
  return stats::build_table(stats::odds_family(2, [](int bin) { return bin * 1.0; }),
                            {{0, weight(50'000 - misses)}, {1, weight(misses)}});
}

// Four calls a bucket; `misses(minute)` of them are misses.
template <class Misses>
MemoryHistory history_of(int minutes, const Misses& misses) {
  MemoryHistory history;
  for (int bucket = 0; bucket < 12 * minutes; ++bucket) {
    const core::Weight missed = misses(bucket / 12);
    core::BucketSummary summary;
    auto& counts = summary.metrics["hit"];
    if (missed < 4) counts.push_back({0, (4 - missed) * core::kOneCall});
    if (missed > 0) counts.push_back({1, missed * core::kOneCall});
    history.add(kStart + kBucket * bucket, summary);
  }
  return history;
}

std::optional<detectors::Onset> redated(const stats::LikelihoodTable& table, const MemoryHistory& history, int minutes,
                                        int lanes_say, double inflation = 1) {
  const core::EventTime at = kStart + core::minutes(lanes_say);
  return detectors::redated({.table = table,
                             .inflation = inflation,
                             .metric = "hit",
                             .history = history,
                             .now = kStart + core::minutes(minutes),
                             .bucket = kBucket},
                            {at, at, at});
}

TEST(Onset, OfARareHarmIsWhereItBecomesFrequent) {
  const auto table = table_of(0);
  const auto history = history_of(60, [](int minute) { return minute == 5 || minute >= 50 ? 1 : 0; });
  const auto onset = redated(table, history, 60, 5);
  ASSERT_TRUE(onset);
  EXPECT_EQ(onset->at, kStart + core::minutes(50));
  EXPECT_LE(onset->earliest, onset->at);
  EXPECT_GE(onset->latest, onset->at);
}

TEST(Onset, StaysWhereTheLanesSayWhenNothingElseIsMuchBetter) {
  const auto table = table_of(2'500);
  const auto history = history_of(30, [](int minute) { return minute >= 20 ? 1 : 0; });
  EXPECT_FALSE(redated(table, history, 30, 20));
  EXPECT_TRUE(redated(table, history, 30, 5));
}

TEST(Onset, DependentCallsSaySoLessLoudly) {
  const auto table = table_of(2'500);
  const auto history = history_of(30, [](int minute) { return minute >= 20 ? 1 : 0; });
  EXPECT_FALSE(redated(table, history, 30, 15, 40));
}

TEST(Onset, IsFoundToTheBucketWhenTheLanesSayDaysAgo) {
  constexpr int kMinutes = 3 * 24 * 60;
  const auto history = history_of(kMinutes, [](int minute) { return minute >= kMinutes - 3 ? 1 : 0; });
  const auto onset = redated(table_of(0), history, kMinutes, 60);
  ASSERT_TRUE(onset);
  EXPECT_EQ(onset->at, kStart + core::minutes(kMinutes - 3));
  EXPECT_GE(onset->earliest, onset->at - core::minutes(1));
}

TEST(Onset, IsLeftAloneWhenItLiesBeforeTheMinutesThatAreKnown) {
  constexpr int kMinutes = 3 * 24 * 60;
  const auto history = history_of(kMinutes, [](int minute) { return minute >= 60 ? 1 : 0; });
  EXPECT_FALSE(redated(table_of(0), history, kMinutes, 60));
}

TEST(DriftedShares, AddUpToOneAndAreMixedWithTheBaseline) {
  const auto shares = detectors::drifted_shares(table_of(2'500), {{1, 50 * core::kOneCall}});
  EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1, 1e-12);
  EXPECT_NEAR(shares[1], 0.525, 0.001);
}

}  // namespace
}  // namespace costdrift::tests
