// Findings on roll-ups: what incidents inside them explain is not told twice; budgets are told one by one.
#include <gtest/gtest.h>

#include "daemon/incidents/incident_book.h"
#include "tests/daemon/finding_support.h"

namespace costdrift::daemon {
namespace {

using test_support::prompt_finding;

class IncidentRollUpTest : public ::testing::Test {
 protected:
  static core::Finding spend(core::SeriesKey series, double usd_per_hour) {
    core::Finding finding = prompt_finding();
    finding.detector = "spend";
    finding.series = std::move(series);
    finding.symptom = true;
    finding.excess_usd_per_hour = usd_per_hour;
    return finding;
  }
  static core::Finding budget(const std::string& aspect) {
    core::Finding finding = prompt_finding();
    finding.detector = "budget";
    finding.series = core::SeriesKey();
    finding.aspect = aspect;
    finding.told_alone = true;
    finding.hard_limit = true;
    return finding;
  }

  config::Settings settings_ = test_support::page_settings();
  std::unique_ptr<state::Store> store_ = std::move(*state::Store::open("book", {.sync = false, .in_memory = true}));
  IncidentBook book_{settings_, *store_};
};

TEST_F(IncidentRollUpTest, ASymptomIsNotToldWhileIncidentsInsideExplainHalfOfIt) {
  ASSERT_EQ(book_.apply(prompt_finding()).size(), 1U);  // $8 an hour in support-bot, team cx
  const auto app = core::SeriesKey::of({{core::Dimension::app, "support-bot"}});
  const auto other = core::SeriesKey::of({{core::Dimension::app, "search"}});
  const auto team = core::SeriesKey::of({{core::Dimension::team, "cx"}});
  const auto other_team = core::SeriesKey::of({{core::Dimension::team, "ads"}});
  for (const auto& series : {app, team, core::SeriesKey()}) EXPECT_TRUE(book_.apply(spend(series, 16)).empty());
  EXPECT_EQ(book_.apply(spend(other, 16)).size(), 1U);
  EXPECT_EQ(book_.apply(spend(other_team, 16)).size(), 1U);
  EXPECT_EQ(book_.apply(spend(app, 17)).size(), 1U) << "more than half of it is unexplained";
}

TEST_F(IncidentRollUpTest, WhatASymptomInsideCostsIsExplainedWhicheverPartLeads) {
  const auto app = core::SeriesKey::of({{core::Dimension::app, "support-bot"}});
  ASSERT_EQ(book_.apply(prompt_finding()).size(), 1U);  // $8 an hour
  core::Finding tail = test_support::later(prompt_finding(), core::minutes(5));
  tail.detector = "cost_outlier";
  tail.symptom = true;
  tail.excess_usd_per_hour = 50;
  ASSERT_EQ(book_.apply(tail).size(), 1U);
  EXPECT_EQ(book_.newest(1).front().detector, "prompt_growth");
  EXPECT_TRUE(book_.apply(test_support::later(spend(app, 55), core::minutes(6))).empty());
}

TEST_F(IncidentRollUpTest, WhatWasLearnedAsNormalStillExplainsTheSpendAroundIt) {
  const auto app = core::SeriesKey::of({{core::Dimension::app, "support-bot"}});
  ASSERT_EQ(book_.apply(prompt_finding()).size(), 1U);
  core::Finding learned = test_support::later(prompt_finding(), core::days(3));
  learned.phase = core::FindingPhase::absorbed;
  ASSERT_EQ(book_.apply(learned).size(), 1U);
  const core::EventTime now = learned.evaluated_at + core::days(4);
  (void)book_.advance_to(now, [&](const core::SeriesKey&) { return now; });
  EXPECT_TRUE(book_.apply(test_support::later(spend(app, 10), core::days(7))).empty());
  EXPECT_EQ(book_.apply(test_support::later(spend(app, 10.1), core::days(7))).size(), 1U);
}

TEST_F(IncidentRollUpTest, ASymptomOfWhatWasLearnedAsNormalIsNoNews) {
  ASSERT_EQ(book_.apply(prompt_finding()).size(), 1U);
  core::Finding learned = test_support::later(prompt_finding(), core::days(3));
  learned.phase = core::FindingPhase::absorbed;
  ASSERT_EQ(book_.apply(learned).size(), 1U);
  core::Finding tail = test_support::later(spend(prompt_finding().series, 10), core::days(4));
  tail.detector = "cost_outlier";
  tail.onset = tail.onset_earliest = tail.onset_latest = learned.evaluated_at + core::hours(4);
  EXPECT_TRUE(book_.apply(tail).empty());
  core::Finding another = tail;
  another.onset = another.onset_earliest = another.onset_latest = learned.evaluated_at + core::days(4);
  another.evaluated_at = another.onset + core::hours(1);
  EXPECT_FALSE(book_.withheld(another)) << "another change";
  tail.excess_usd_per_hour = 10.1;
  EXPECT_EQ(book_.apply(tail).size(), 1U) << "it has become more";
}

TEST_F(IncidentRollUpTest, SpendThatWasLearnedAsNormalExplainsNoMoreOfIt) {
  const auto app = core::SeriesKey::of({{core::Dimension::app, "support-bot"}});
  ASSERT_EQ(book_.apply(spend(app, 16)).size(), 1U);
  core::Finding learned = test_support::later(spend(app, 16), core::days(7));
  learned.phase = core::FindingPhase::absorbed;
  ASSERT_EQ(book_.apply(learned).size(), 1U);
  core::Finding again = test_support::later(spend(app, 12), core::days(8));
  again.onset = again.onset_earliest = again.onset_latest = learned.evaluated_at + core::hours(20);
  EXPECT_EQ(book_.apply(again).size(), 1U);
}

TEST_F(IncidentRollUpTest, NobodyIsWokenTwiceForTheSameDollars) {
  const auto app = core::SeriesKey::of({{core::Dimension::app, "support-bot"}});
  const auto other = core::SeriesKey::of({{core::Dimension::app, "search"}});
  const auto whole = book_.apply(spend(core::SeriesKey(), 16));
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_GT(whole[0].severity, core::Severity::info);
  const auto where = book_.apply(spend(app, 14));
  ASSERT_EQ(where.size(), 1U);
  EXPECT_EQ(where[0].severity, core::Severity::info);
  EXPECT_EQ(where[0].reason, kToldByPage);
  const auto more = book_.apply(spend(app, 21));
  ASSERT_EQ(more.size(), 1U) << "the whole lost less";
  EXPECT_GT(more[0].severity, core::Severity::info);
  core::Finding later = spend(other, 14);
  later.onset = later.onset_earliest = later.onset_latest = later.onset + core::hours(3);
  later.evaluated_at = later.evaluated_at + core::hours(3);
  const auto another = book_.apply(later);
  ASSERT_EQ(another.size(), 1U);
  EXPECT_GT(another[0].severity, core::Severity::info) << "another change";
}

TEST_F(IncidentRollUpTest, ThePageForTheWholeSaysWhereOnce) {
  const auto app = core::SeriesKey::of({{core::Dimension::app, "support-bot"}});
  core::Finding whole = spend(core::SeriesKey(), 16);
  ASSERT_EQ(book_.apply(whole).size(), 1U);
  EXPECT_EQ(book_.apply(spend(app, 14)).size(), 1U) << "too early for another message";
  whole = test_support::later(whole, core::minutes(16));
  const auto where = book_.apply(whole);
  ASSERT_EQ(where.size(), 1U);
  EXPECT_EQ(where[0].reason, "it is known where");
  EXPECT_NE(where[0].summary.find("; $14 of it in support-bot"), std::string::npos) << where[0].summary;
  whole.drivers = {{core::Dimension::app, "support-bot", 0.9, core::DriverKind::volume}};
  whole = test_support::later(whole, core::minutes(100));
  whole.excess_usd_per_hour = 60;
  const auto more = book_.apply(whole);
  ASSERT_EQ(more.size(), 1U);
  EXPECT_EQ(more[0].summary.find("of it in support-bot"), std::string::npos) << more[0].summary;
}

TEST_F(IncidentRollUpTest, APartOfFewOfTheDollarsIsNotWhereTheyGo) {
  const auto app = core::SeriesKey::of({{core::Dimension::app, "support-bot"}});
  ASSERT_EQ(book_.apply(spend(core::SeriesKey(), 16)).size(), 1U);
  ASSERT_EQ(book_.apply(spend(app, 7)).size(), 1U);
  EXPECT_TRUE(book_.apply(test_support::later(spend(core::SeriesKey(), 16), core::minutes(16))).empty());
  EXPECT_EQ(book_.newest(1)[0].elsewhere.inside, 1) << "it is listed all the same";
}

TEST_F(IncidentRollUpTest, AnAppWithoutATeamIsAmongThoseWithoutOne) {
  const auto team = core::SeriesKey::of({{core::Dimension::team, ""}});
  ASSERT_EQ(book_.apply(spend(team, 16)).size(), 1U);
  core::Finding app = spend(core::SeriesKey::of({{core::Dimension::app, "support-bot"}}), 14);
  core::Finding of_a_team = spend(core::SeriesKey::of({{core::Dimension::app, "search"}}), 14);
  std::erase_if(app.attributes, [](const core::Label& label) { return label.first == core::Dimension::team; });
  ASSERT_NE(app.attributes, of_a_team.attributes);
  EXPECT_EQ(book_.apply(app).at(0).severity, core::Severity::info);
  EXPECT_GT(book_.apply(of_a_team).at(0).severity, core::Severity::info);
}

TEST_F(IncidentRollUpTest, DollarsThatOnlyMovedExplainTheRiseOfTheTeamTheyCameTo) {
  core::Finding moved = prompt_finding();  // of support-bot, now in team cx
  moved.excess_usd_per_hour = 0;
  moved.moved_usd_per_hour = 8;
  moved.exact = moved.told_alone = true;
  const auto told = book_.apply(moved);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].severity, core::Severity::info) << "nothing is lost";
  EXPECT_TRUE(book_.apply(spend(core::SeriesKey::of({{core::Dimension::team, "cx"}}), 16)).empty());
  EXPECT_EQ(book_.apply(spend(core::SeriesKey::of({{core::Dimension::team, "cx"}}), 17)).size(), 1U);
}

TEST_F(IncidentRollUpTest, EveryCrossingOfABudgetIsAnIncident) {
  ASSERT_EQ(book_.apply(spend(core::SeriesKey(), 16)).size(), 1U);
  EXPECT_EQ(book_.apply(budget("budget b: 50%")).size(), 1U);
  EXPECT_EQ(book_.apply(budget("budget b: 80%")).size(), 1U);
  EXPECT_TRUE(book_.apply(budget("budget b: 80%")).empty());
  EXPECT_EQ(book_.open_count(), 3);
  core::Finding over = budget("budget b: 50%");
  over.phase = core::FindingPhase::recovered;
  ASSERT_EQ(book_.apply(over).size(), 1U);
  EXPECT_EQ(book_.open_count(), 2);
}

}  // namespace
}  // namespace costdrift::daemon
