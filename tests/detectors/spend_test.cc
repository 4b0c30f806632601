// The seasonal path: it finds a rise of spend within minutes, and says nothing over weeks without one.
#include <gtest/gtest.h>

#include <cmath>

#include "detectors/spend_judge.h"
#include "tests/support/memory_history.h"
#include "tests/support/spend_stream.h"

namespace costdrift::tests {
namespace {

using core::EventTime;
using detectors::SpendJudge;
using detectors::stats::SeasonalModel;
using detectors::stats::SeasonalSr;

constexpr double kCallUsd = 0.01;
constexpr std::int64_t kDay = 1440;
constexpr EventTime kStart{1'772'668'800'000'000};  // Thursday 2026-03-05T00:00:00Z

double log_value(const SpendStream::Minute& minute) { return std::log(std::max(minute.cost, 0.5)); }

// A judge fed minute by minute; the history is what it would find in the rings.
class Feed {
 public:
  explicit Feed(core::SeriesKey series, std::uint64_t seed = 3, double calls_per_minute = 60)
      : series_(series), judge_(std::make_unique<SpendJudge>(series)), stream_(seed, calls_per_minute) {}

  std::vector<core::Finding> minute(double factor = 1, double cost_factor = 1) {
    const auto made = stream_.next(factor);
    const EventTime start = kStart + core::minutes(stream_.minute() - 1);
    core::BucketSummary summary;
    summary.totals.calls = made.calls;
    summary.totals.cost = core::from_usd(made.cost * kCallUsd * cost_factor);
    std::vector<core::Finding> findings;
    if (made.calls == 0) return findings;
    history_.add(start, summary);
    judge_->observe({{start, start + core::minutes(1), &summary}, &history_, {.false_pages_per_week = 0.25}}, findings);
    return findings;
  }
  std::vector<core::Finding> minutes(std::int64_t count, double factor = 1) {
    std::vector<core::Finding> all;
    for (std::int64_t i = 0; i < count; ++i)
      for (auto& finding : minute(factor)) all.push_back(std::move(finding));
    return all;
  }
  EventTime now() const { return kStart + core::minutes(stream_.minute()); }
  std::string memory() const {
    core::ByteWriter lanes, model;
    judge_->save_lanes(lanes);
    judge_->save_model(model);
    return lanes.bytes() + model.bytes();
  }
  void restart() {
    core::ByteWriter lanes, model;
    judge_->save_lanes(lanes);
    judge_->save_model(model);
    judge_ = std::make_unique<SpendJudge>(series_);
    ASSERT_TRUE(judge_->restore(lanes.bytes(), model.bytes()));
  }
  SpendJudge& judge() { return *judge_; }

 private:
  core::SeriesKey series_;
  std::unique_ptr<SpendJudge> judge_;
  SpendStream stream_;
  MemoryHistory history_;
};

core::SeriesKey app() { return core::SeriesKey::of({{core::Dimension::app, "desk"}}); }

TEST(SeasonalTest, FitsWhatTheStreamIsMadeOf) {
  SpendStream stream(5, 200);
  std::vector<double> values;
  for (int i = 0; i < 28 * kDay; ++i) values.push_back(log_value(stream.next()));
  const auto model = SeasonalModel::fit(values, 0);
  ASSERT_TRUE(model);
  EXPECT_NEAR(model->phi, 0.9, 0.06);
  EXPECT_NEAR(std::sqrt(model->sa2), 0.10, 0.03);
  EXPECT_LT(model->slow, 0.06);
  for (const std::int64_t minute : {3 * kDay + 200, 5 * kDay + 720, 6 * kDay + 1100})
    EXPECT_NEAR(detectors::stats::profile_at(model->profile, minute), std::log(200) + SpendStream::season(minute), 0.12)
        << minute;
}

TEST(SeasonalTest, DoesNotInterpolateAcrossAJump) {
  detectors::stats::WeekProfile profile{};
  for (std::size_t i = 0; i < profile.size(); ++i) profile[i] = i < 300 ? 1 : 2;
  EXPECT_EQ(detectors::stats::profile_at(profile, 300 * 15 - 1), 1);
  EXPECT_EQ(detectors::stats::profile_at(profile, 300 * 15), 2);
  profile[301] = 2.2;
  EXPECT_GT(detectors::stats::profile_at(profile, 300 * 15 + 14), 2.05);
}

TEST(SeasonalTest, NeedsTwoWeeks) {
  SpendStream stream(5, 200);
  std::vector<double> values;
  for (int i = 0; i < 13 * kDay; ++i) values.push_back(log_value(stream.next()));
  EXPECT_FALSE(SeasonalModel::fit(values, 0));
}

TEST(SpendTest, IsSilentForTwoWeeksWhateverHappens) {
  Feed feed(app());
  EXPECT_TRUE(feed.minutes(7 * kDay).empty());
  EXPECT_TRUE(feed.minutes(6 * kDay, 3).empty());
}

TEST(SpendTest, FindsARiseAndItsEnd) {
  Feed feed(app());
  EXPECT_TRUE(feed.minutes(21 * kDay + 600).empty());
  const EventTime change = feed.now();
  const auto said = feed.minutes(240, 2);
  ASSERT_FALSE(said.empty());
  EXPECT_LE(said.front().evaluated_at - change, core::minutes(20));
  EXPECT_LE(std::abs((said.front().onset - change).us), core::minutes(20).us);
  EXPECT_NEAR(said.back().effect, 1, 0.25);
  EXPECT_GT(said.back().effect_low, 0.5);
  EXPECT_NEAR(said.back().observed, 2 * said.back().expected, 0.5 * said.back().expected);
  EXPECT_TRUE(said.back().symptom);
  const auto after = feed.minutes(600);
  ASSERT_FALSE(after.empty());
  EXPECT_EQ(after.back().phase, core::FindingPhase::recovered);
}

TEST(SpendTest, AWholeGivesItsAppsTheFirstWord) {
  Feed feed(core::SeriesKey{});
  (void)feed.minutes(14 * kDay + 600);
  const EventTime change = feed.now();
  const auto said = feed.minutes(60, 3);
  ASSERT_FALSE(said.empty());
  EXPECT_GE(said.front().evaluated_at - change, core::minutes(10));
}

TEST(SpendTest, RestartsDoNotShow) {
  Feed straight(app()), restarted(app());
  for (int i = 0; i < 15; ++i) {
    (void)straight.minutes(kDay - 7);
    (void)restarted.minutes(kDay - 7);
    restarted.restart();
  }
  const auto first = straight.minutes(60, 3);
  auto second = restarted.minutes(20, 3);
  restarted.restart();
  for (auto& finding : restarted.minutes(40, 3)) second.push_back(finding);
  ASSERT_EQ(first.size(), second.size());
  ASSERT_FALSE(first.empty());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].effect, second[i].effect);
  EXPECT_EQ(straight.memory(), restarted.memory());
  EXPECT_LT(straight.judge().memory_bytes(), 128U * 1024);
}

TEST(SpendTest, WhatIsExpectedMovesTheWholePast) {
  Feed feed(app());
  (void)feed.minutes(14 * kDay + 600);
  ASSERT_FALSE(feed.minutes(120, 2).empty());
  feed.judge().rebase({});
  EXPECT_TRUE(feed.minutes(300, 2).empty());
}

}  // namespace
}  // namespace costdrift::tests
