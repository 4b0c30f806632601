// Spend without an owner: sources of the first day are known, later ones are told, ranked, with a likely owner.
#include <gtest/gtest.h>

#include "detectors/unattributed_judge.h"
#include "tests/support/memory_history.h"

namespace costdrift::tests {
namespace {

using core::Dimension;
using core::EventTime;
using detectors::UnattributedJudge;
using detectors::UnattributedOptions;

constexpr EventTime kStart{1'772'409'600'000'000};  // Monday 2026-03-02T00:00:00Z

struct Call {
  std::string app, key, team;
  double usd = 0;
};

class Feed {
 public:
  // A minute of these calls; app "desk" with team cx is always there.
  std::vector<core::Finding> minute(const std::vector<Call>& calls = {}) {
    std::map<core::SeriesKey, core::BucketSummary> series;
    add(series, {"desk", "", "cx", 0.01});
    for (const Call& call : calls) add(series, call);
    core::BucketSummary all;
    std::vector<core::SeriesPart> parts;
    for (const auto& [key, summary] : series) {
      parts.push_back({&key, &summary});
      all.merge(summary);
    }
    std::vector<core::Finding> findings;
    judge_->observe({{now_, now_ + core::minutes(1), &all, parts}, &history_, {}}, findings);
    now_ = now_ + core::minutes(1);
    return findings;
  }
  std::vector<core::Finding> minutes(std::int64_t count, const std::vector<Call>& calls = {}) {
    std::vector<core::Finding> all;
    for (std::int64_t i = 0; i < count; ++i)
      for (auto& finding : minute(calls)) all.push_back(std::move(finding));
    return all;
  }
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
    judge_ = std::make_unique<UnattributedJudge>(options_);
    ASSERT_TRUE(judge_->restore(lanes.bytes(), model.bytes()));
  }
  UnattributedJudge& judge() { return *judge_; }
  EventTime now_ = kStart;

 private:
  static void add(std::map<core::SeriesKey, core::BucketSummary>& series, const Call& call) {
    core::AttributeSet set;
    if (!call.team.empty()) set.emplace_back(Dimension::team, call.team);
    if (!call.key.empty()) set.emplace_back(Dimension::api_key_id, call.key);
    core::BucketSummary& summary = series[core::SeriesKey::of({{Dimension::app, call.app}, {Dimension::model, "m"}})];
    core::AttributeTotals totals{.calls = 1, .cost = core::from_usd(call.usd)};
    summary.add_attributes(set, totals);
    summary.totals.calls += 1;
    summary.totals.cost += totals.cost;
  }

  UnattributedOptions options_{.watch = {Dimension::app, Dimension::api_key_id},
                               .owned_by = {Dimension::team, Dimension::owner},
                               .least = core::from_usd(1)};
  std::unique_ptr<UnattributedJudge> judge_ = std::make_unique<UnattributedJudge>(options_);
  MemoryHistory history_;
};

constexpr std::int64_t kDay = 1440;

TEST(UnattributedSpendTest, ANewKeyWithoutAnOwnerIsToldOnceItHasSpentSomething) {
  Feed feed;
  EXPECT_TRUE(feed.minutes(kDay).empty());
  EXPECT_TRUE(feed.minutes(3, {{"desk", "sk-1", "", 0.33}}).empty()) << "99 cents";
  const auto told = feed.minute({{"desk", "sk-1", "", 0.33}});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(told[0].exact);
  EXPECT_EQ(told[0].onset, kStart + core::days(1));
  EXPECT_NEAR(core::to_usd(told[0].excess_so_far), 1.32, 1e-9);
  EXPECT_NEAR(told[0].excess_usd_per_hour, 1.32, 1e-9) << "not extrapolated";
  ASSERT_EQ(told[0].drivers.size(), 1U);
  EXPECT_EQ(told[0].drivers[0].dimension, Dimension::api_key_id);
  EXPECT_EQ(told[0].drivers[0].value, "sk-1");
  EXPECT_NE(told[0].note.find("likely of team cx"), std::string::npos) << told[0].note;
}

TEST(UnattributedSpendTest, WhatHasAnOwnerOrWasAlwaysThereIsNotTold) {
  Feed feed;
  EXPECT_TRUE(feed.minutes(kDay, {{"lab", "", "", 1}}).empty()) << "the first day";
  EXPECT_TRUE(feed.minutes(60, {{"lab", "", "", 1}, {"new-app", "sk-2", "ads", 1}}).empty());
}

TEST(UnattributedSpendTest, AnAppThatLosesItsOwnerIsTold) {
  Feed feed;
  (void)feed.minutes(kDay, {{"shop", "", "ads", 1}});
  const auto told = feed.minutes(1, {{"shop", "", "", 1}});
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].drivers.at(0).value, "shop");
  EXPECT_NE(told[0].note.find("likely of team ads"), std::string::npos) << told[0].note;
}

TEST(UnattributedSpendTest, TheDearestComesFirstAndManyAreOneFinding) {
  Feed feed;
  (void)feed.minutes(kDay);
  std::vector<Call> calls;
  for (int i = 0; i < 600; ++i) calls.push_back({"app-" + std::to_string(i), "", "", 0.01 * i});
  const auto told = feed.minute(calls);
  ASSERT_EQ(told.size(), 1U);
  ASSERT_GE(told[0].drivers.size(), 2U);
  EXPECT_LT(feed.judge().memory_bytes(), 512U * 1024);
  const auto later = feed.minutes(1, {{"app-1", "", "", 1000}});
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later[0].drivers.at(0).value, "app-1");
  EXPECT_GT(later[0].drivers.at(0).share, 0.3);
}

TEST(UnattributedSpendTest, ItEndsADayAfterTheLastCallAndIsKnownAfterAWeek) {
  Feed feed;
  (void)feed.minutes(kDay);
  ASSERT_FALSE(feed.minutes(10, {{"desk", "sk-1", "", 1}}).empty());
  const auto after = feed.minutes(kDay + 1);
  ASSERT_FALSE(after.empty());
  EXPECT_EQ(after.back().phase, core::FindingPhase::recovered);
  EXPECT_FALSE(feed.minutes(2, {{"desk", "sk-1", "", 1}}).empty()) << "it is new still";
  (void)feed.minutes(8 * kDay);
  EXPECT_TRUE(feed.minutes(60, {{"desk", "sk-1", "", 1}}).empty());
}

TEST(UnattributedSpendTest, WhatIsExpectedIsKnown) {
  Feed feed;
  (void)feed.minutes(kDay);
  ASSERT_FALSE(feed.minutes(2, {{"desk", "sk-1", "", 1}}).empty());
  feed.judge().rebase({});
  EXPECT_TRUE(feed.minutes(60, {{"desk", "sk-1", "", 1}}).empty());
}

TEST(UnattributedSpendTest, FoldedAttributesAreNotTakenForMissingOnes) {
  Feed feed;
  (void)feed.minutes(kDay);
  std::vector<Call> calls;
  for (int i = 0; i < 100; ++i) calls.push_back({"desk", "sk-" + std::to_string(i), "cx", 1});
  EXPECT_TRUE(feed.minutes(5, calls).empty());
}

TEST(UnattributedSpendTest, RestartsDoNotShow) {
  Feed straight, restarted;
  std::vector<core::Finding> first, second;
  for (int hour = 0; hour < 60; ++hour) {
    const std::vector<Call> calls = hour < 26 ? std::vector<Call>{} : std::vector<Call>{{"desk", "sk-1", "", 0.05}};
    for (auto& finding : straight.minutes(60, calls)) first.push_back(std::move(finding));
    for (auto& finding : restarted.minutes(60, calls)) second.push_back(std::move(finding));
    restarted.restart();
  }
  ASSERT_FALSE(first.empty());
  ASSERT_EQ(first.size(), second.size());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].note, second[i].note);
  EXPECT_EQ(straight.memory(), restarted.memory());
}

}  // namespace
}  // namespace costdrift::tests
