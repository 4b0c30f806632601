// The seasonal path: it finds a rise of spend within minutes, and says nothing over weeks without one.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/spend_feed.h"

namespace costdrift::tests {
namespace {

using core::EventTime;
using detectors::stats::SeasonalModel;
using detectors::stats::SeasonalSr;

constexpr std::int64_t kDay = 1440;

double log_value(const SpendStream::Minute& minute) { return std::log(std::max(minute.cost, 0.5)); }

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
    EXPECT_NEAR(model->profile.at(minute), std::log(200) + SpendStream::season(minute), 0.12) << minute;
}

TEST(SeasonalTest, DoesNotInterpolateAcrossAJump) {
  detectors::stats::WeekProfile profile;
  for (std::size_t i = 0; i < profile.grid.slots(); ++i) profile.levels.push_back(i < 300 ? 1 : 2);
  EXPECT_EQ(profile.at(300 * 15 - 1), 1);
  EXPECT_EQ(profile.at(300 * 15), 2);
  profile.levels[301] = 2.2;
  EXPECT_GT(profile.at(300 * 15 + 14), 2.05);
}

// What a level says of a week that it has not seen counts, not how closely it follows those that it has.
TEST(SeasonalTest, TakesTheShapeThatForetells) {
  Random random(8);
  std::vector<double> noise, of_day, of_week;
  for (int hour = 0; hour < 21 * 24; ++hour) {
    noise.push_back(random.normal());
    of_day.push_back(2 * std::sin(hour % 24 / 24.0 * 6.28) + 0.3 * random.normal());
    of_week.push_back(2 * std::sin(hour % 168 * 1.7) + 0.3 * random.normal());
  }
  const auto spread = [](const std::vector<double>& values) {
    const auto model = SeasonalModel::fit(values, 0, {60}, -10);
    const auto [low, high] = std::minmax_element(model->profile.levels.begin(), model->profile.levels.end());
    return *high - *low;
  };
  EXPECT_EQ(spread(noise), 0);
  EXPECT_NEAR(spread(of_day), 4, 0.6);
  EXPECT_NEAR(spread(of_week), 4, 0.8);
}

TEST(SeasonalTest, JudgesNothingButMoreThanTheFloorWhereLessIsUsual) {
  SpendStream stream(5, 200);
  std::vector<double> values;
  for (int i = 0; i < 14 * kDay; ++i) values.push_back(i % kDay < 480 ? std::log(0.5) : log_value(stream.next()));
  const auto model = SeasonalModel::fit(values, 0, {}, std::log(3));
  ASSERT_TRUE(model);
  EXPECT_FALSE(model->judges(std::log(2), 100));
  EXPECT_TRUE(model->judges(std::log(4), 100));
  EXPECT_EQ(model->level(100), std::log(3));
  EXPECT_TRUE(model->judges(std::log(2), 1000));
}

TEST(SeasonalTest, NeedsTwoWeeks) {
  SpendStream stream(5, 200);
  std::vector<double> values;
  for (int i = 0; i < 13 * kDay; ++i) values.push_back(log_value(stream.next()));
  EXPECT_FALSE(SeasonalModel::fit(values, 0));
}

TEST(SpendTest, IsSilentForTwoWeeksWhateverHappens) {
  SpendFeed feed(app());
  EXPECT_TRUE(feed.minutes(7 * kDay).empty());
  EXPECT_TRUE(feed.minutes(6 * kDay, 3).empty());
}

TEST(SpendTest, FindsARiseAndItsEnd) {
  SpendFeed feed(app());
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

// 18 calls an hour on average, and seven in the quietest: nothing that a minute could tell.
TEST(SpendTest, FindsARiseOfFewCalls) {
  int told_too_early = 0;
  std::vector<core::Duration> delays;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    SpendFeed feed(app(), seed, 0.3);
    if (!feed.minutes(28 * kDay + 600).empty()) ++told_too_early;
    const EventTime change = feed.now();
    while (feed.minute(3).empty() && feed.now() - change < core::hours(24)) {
    }
    delays.push_back(feed.now() - change);
  }
  std::sort(delays.begin(), delays.end());
  EXPECT_LE(told_too_early, 4);  // 24 weeks at 0.25 a week: 6 by the budget
  EXPECT_LE(delays[6], core::hours(4));
  EXPECT_LE(delays.back(), core::hours(12));
}

TEST(SpendTest, ABurstOfFewCallsIsToldBeforeItsHoursAreOver) {
  SpendFeed feed(app(), 3, 0.3);
  ASSERT_TRUE(feed.minutes(21 * kDay + 605).empty());
  const EventTime change = feed.now();
  const auto said = feed.minutes(90, 40);
  ASSERT_FALSE(said.empty());
  EXPECT_LE(said.front().evaluated_at - change, core::minutes(20));
  EXPECT_LE(std::abs((said.front().onset - change).us), core::minutes(60).us);
  // Not what the whole hour would cost if it had ended here.
  EXPECT_GT(said.front().effect, 10);
}

TEST(SpendTest, ARiseAfterASilentNightBeganWithTheMorning) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SpendFeed feed(core::SeriesKey(), seed);
    const auto asleep = [&] { return (feed.now() - core::floor_to(feed.now(), core::days(1))) < core::hours(8); };
    const core::EventTime morning = feed.now() + core::days(21) + core::hours(8);
    while (feed.now() < morning) (void)feed.minute(asleep() ? 0 : 1);
    std::vector<core::Finding> found;
    while (found.empty() && feed.now() < morning + core::hours(3)) found = feed.minute(1.5);
    ASSERT_FALSE(found.empty()) << seed;
    EXPECT_GE(found.front().onset, morning) << seed;
    EXPECT_GT(found.front().excess_usd_per_hour, 0.25 * found.front().observed) << seed;
  }
}

// At night there is next to nothing, so that nothing can be said of what is usual, and nobody looks.
TEST(SpendTest, ALoopAtNightIsTold) {
  SpendFeed feed(app(), 3, 20);
  const auto night = [&] { return (feed.now() - core::floor_to(feed.now(), core::days(1))) < core::hours(8); };
  const EventTime change = feed.now() + core::days(21) + core::hours(2);
  while (feed.now() < change) ASSERT_TRUE(feed.minute(night() ? 0.01 : 1).empty());
  while (feed.minute().empty() && night()) {
  }
  EXPECT_LE(feed.now() - change, core::minutes(25));
}

TEST(SpendTest, SaysHowNearItIsToAnAlarm) {
  const detectors::Budget budget{.false_pages_per_week = 0.25};
  SpendFeed feed(app());
  EXPECT_FALSE(feed.judge().standing(budget));
  (void)feed.minutes(13 * kDay);
  EXPECT_TRUE(feed.judge().standing(budget)->learning);
  (void)feed.minutes(2 * kDay);
  const auto calm = feed.judge().standing(budget);
  EXPECT_FALSE(calm->learning);
  EXPECT_LT(calm->log10_evidence, calm->log10_needed);
  (void)feed.minutes(60, 2);
  const auto risen = feed.judge().standing(budget);
  EXPECT_TRUE(risen->drifting);
  EXPECT_GE(risen->log10_evidence, risen->log10_needed);
}

TEST(SpendTest, AWholeGivesItsAppsTheFirstWord) {
  SpendFeed feed(core::SeriesKey{});
  (void)feed.minutes(14 * kDay + 600);
  const EventTime change = feed.now();
  const auto said = feed.minutes(60, 3);
  ASSERT_FALSE(said.empty());
  EXPECT_GE(said.front().evaluated_at - change, core::minutes(10));
}

TEST(SpendTest, RestartsDoNotShow) {
  SpendFeed straight(app()), restarted(app());
  for (int i = 0; i < 15; ++i) {
    (void)straight.minutes(kDay - 7);
    (void)restarted.minutes(kDay - 7);
    ASSERT_TRUE(restarted.restart());
  }
  const auto first = straight.minutes(60, 3);
  auto second = restarted.minutes(20, 3);
  ASSERT_TRUE(restarted.restart());
  for (auto& finding : restarted.minutes(40, 3)) second.push_back(finding);
  ASSERT_EQ(first.size(), second.size());
  ASSERT_FALSE(first.empty());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].effect, second[i].effect);
  EXPECT_TRUE(straight.saved() == restarted.saved());
  EXPECT_LT(straight.judge().memory_bytes(), 128U * 1024);
}

TEST(SpendTest, FewCallsSurviveRestartsToo) {
  SpendFeed straight(app(), 5, 0.3), restarted(app(), 5, 0.3);
  (void)straight.minutes(15 * kDay + 7);
  (void)restarted.minutes(15 * kDay + 7);
  std::vector<core::Finding> second;
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(restarted.restart());
    for (auto& finding : restarted.minutes(17, 4)) second.push_back(std::move(finding));
  }
  const auto first = straight.minutes(40 * 17, 4);
  ASSERT_EQ(first.size(), second.size());
  ASSERT_FALSE(first.empty());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i].effect, second[i].effect);
  EXPECT_TRUE(straight.saved() == restarted.saved());
}

// Four weeks of minutes cannot be had again by an upgrade.
TEST(SpendTest, TheMinutesOfTheVersionBeforeAreKept) {
  SpendFeed feed(app());
  (void)feed.minutes(20 * kDay + 600);
  auto saved = feed.saved();
  saved.lanes[0] = saved.model[0] = 2;
  ASSERT_TRUE(feed.restart(saved));
  (void)feed.minutes(kDay);
  const auto said = feed.minutes(60, 3);
  ASSERT_FALSE(said.empty());
}

TEST(SpendTest, NamesWhatTheNewCallsAre) {
  SpendFeed feed(app());
  EXPECT_TRUE(feed.minutes(21 * kDay + 600).empty());
  const auto told = feed.minutes(120, 3);
  ASSERT_FALSE(told.empty());
  for (const auto* finding : {&told.front(), &told.back()}) {
    ASSERT_FALSE(finding->drivers.empty());
    EXPECT_EQ(finding->drivers[0].dimension, core::Dimension::use_case);
    EXPECT_EQ(finding->drivers[0].value, "batch");
  }
}

TEST(SpendTest, WhatIsExpectedMovesTheWholePast) {
  SpendFeed feed(app());
  (void)feed.minutes(14 * kDay + 600);
  ASSERT_FALSE(feed.minutes(120, 2).empty());
  feed.judge().rebase({});
  EXPECT_TRUE(feed.minutes(300, 2).empty());
}

}  // namespace
}  // namespace costdrift::tests
