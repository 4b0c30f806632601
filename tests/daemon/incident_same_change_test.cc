// One change that several series show: one page, which tells of all of them.
#include <gtest/gtest.h>

#include "daemon/incidents/incident_book.h"
#include "daemon/incidents/lifecycle.h"
#include "tests/daemon/finding_support.h"

namespace costdrift::daemon {
namespace {

using core::Dimension;
using core::Severity;
using test_support::kOnset;
using test_support::later;
using test_support::other_detector;
using test_support::prompt_finding;
using test_support::recovered_at;

core::Finding on(const std::string& app, const std::string& model, double usd_per_hour = 8) {
  core::Finding finding = prompt_finding();
  finding.series = core::SeriesKey::of({{Dimension::app, app}, {Dimension::model, model}});
  finding.excess_usd_per_hour = usd_per_hour;
  return finding;
}

class SameChangeTest : public ::testing::Test {
 protected:
  SameChangeTest() { restart(); }
  void restart() {
    book_ = std::make_unique<IncidentBook>(settings_, *store_);
    ASSERT_TRUE(book_->load(kOnset));
  }
  core::AlertEvent only(const core::Finding& finding) {
    auto events = book_->apply(finding);
    EXPECT_EQ(events.size(), 1U) << finding.series.text();
    return events.empty() ? core::AlertEvent() : events.front();
  }

  config::Settings settings_ = test_support::page_settings();
  std::unique_ptr<state::Store> store_ = std::move(*state::Store::open("book", {.sync = false, .in_memory = true}));
  std::unique_ptr<IncidentBook> book_;
};

TEST_F(SameChangeTest, OnePageForAllModelsOfAnApp) {
  const auto page = only(prompt_finding());
  const auto other = only(on("support-bot", "o3", 6));
  EXPECT_EQ(page.severity, Severity::warning);
  EXPECT_EQ(other.severity, Severity::info);
  EXPECT_EQ(other.reason, kToldByPage);
  ASSERT_TRUE(other.told_by);
  EXPECT_EQ(other.told_by->id, page.incident_id);
  EXPECT_TRUE(book_->apply(later(prompt_finding(), core::minutes(5))).empty()) << "more may still join";
  const auto told = only(later(prompt_finding(), core::minutes(16)));
  EXPECT_EQ(told.incident_id, page.incident_id);
  EXPECT_EQ(told.reason, "other series drift alike");
  EXPECT_NE(told.summary.find("; 1 other series drifts alike, $14 an hour together"), std::string::npos)
      << told.summary;
  ASSERT_EQ(told.elsewhere.largest.size(), 1U);
  EXPECT_EQ(told.elsewhere.largest[0].incident.id, other.incident_id);
  EXPECT_TRUE(book_->apply(later(prompt_finding(), core::minutes(40))).empty()) << "told once";
  const auto joined = book_->apply(later(on("search", "o3", 9), core::minutes(45)));
  ASSERT_EQ(joined.size(), 2U);
  EXPECT_EQ(joined[1].incident_id, page.incident_id);
  EXPECT_EQ(joined[1].reason, "more series drift alike");
}

TEST_F(SameChangeTest, NewEstimatesOfWhatAPageTellsOfAreNoMessages) {
  (void)only(prompt_finding());
  const auto ticket = only(on("support-bot", "o3", 6));
  for (const auto& event : book_->apply(later(on("support-bot", "o3", 12), core::minutes(20))))
    EXPECT_NE(event.incident_id, ticket.incident_id) << event.reason;
  EXPECT_EQ(book_->newest(9)[0].usd_per_hour.value_or(0) + book_->newest(9)[1].usd_per_hour.value_or(0), 20);
}

TEST_F(SameChangeTest, AnotherAppSharesThePageWhenTheTimeSpeaksForOneCause) {
  (void)only(prompt_finding());
  EXPECT_EQ(only(on("search", "o3")).severity, Severity::info);
  core::Finding vague = on("batch", "o3");
  vague.onset_earliest = vague.onset - core::hours(3);
  EXPECT_EQ(only(vague).severity, Severity::warning);
  EXPECT_EQ(only(on("b", "o3")).severity, Severity::info);
  EXPECT_EQ(only(on("c", "o3")).severity, Severity::info);
  vague.series = core::SeriesKey::of({{Dimension::app, "night"}, {Dimension::model, "o3"}});
  EXPECT_EQ(only(vague).severity, Severity::info) << "three others share it by now";
  EXPECT_EQ(only(other_detector(on("docs", "o3"), "retry_rate")).severity, Severity::warning);
  core::Finding another_day = on("desk", "o3");
  for (auto* time : {&another_day.onset, &another_day.onset_earliest, &another_day.onset_latest})
    *time = *time + core::hours(5);
  EXPECT_EQ(only(another_day).severity, Severity::warning);
}

TEST_F(SameChangeTest, HardLimitsAndRunsAreToldOneByOne) {
  core::Finding run = on("support-bot", "o3");
  run.aspect = "run 7";
  run.hard_limit = true;
  (void)only(run);
  run.series = core::SeriesKey::of({{Dimension::app, "search"}, {Dimension::model, "o3"}});
  EXPECT_EQ(only(run).severity, Severity::warning);
  run.series = core::SeriesKey::of({{Dimension::app, "desk"}, {Dimension::model, "o3"}});
  run.hard_limit = false;
  run.aspect = "run 8";
  EXPECT_EQ(only(run).severity, Severity::warning) << "another run";
}

TEST_F(SameChangeTest, APageThatWentToOthersTellsNothing) {
  settings_.routes = {{.labels = {{"app", "support-bot"}}, .send = {"finops"}}, {.send = {"oncall", "finops"}}};
  (void)only(prompt_finding());
  EXPECT_EQ(only(on("support-bot", "o3")).severity, Severity::info);
  EXPECT_EQ(only(on("search", "o3")).severity, Severity::warning);
}

TEST_F(SameChangeTest, ASilencedPageTellsNothing) {
  const auto page = only(prompt_finding());
  book_->hold(page.incident_id);
  EXPECT_EQ(only(on("support-bot", "o3")).severity, Severity::warning);
}

TEST_F(SameChangeTest, WhoHasAcknowledgedHearsOfNoOtherApp) {
  const auto page = only(prompt_finding());
  Action ack;
  ack.kind = ActionKind::ack;
  ack.at = page.updated_at;
  ack.incident_id = page.incident_id;
  (void)book_->act(ack);
  EXPECT_EQ(only(on("support-bot", "o3")).severity, Severity::info);
  EXPECT_EQ(only(on("search", "o3")).severity, Severity::warning);
}

TEST_F(SameChangeTest, WhatBeganAfterThePageHadEndedIsPaged) {
  (void)only(prompt_finding());
  (void)only(recovered_at(prompt_finding(), kOnset + core::minutes(22)));
  core::Finding again = later(on("support-bot", "o3"), core::minutes(25));
  again.onset = again.onset_latest = kOnset + core::minutes(25);
  EXPECT_EQ(only(again).severity, Severity::warning);
}

TEST_F(SameChangeTest, ATicketThatBecomesWorthAPageSaysThatAnotherTellsOfIt) {
  (void)only(on("support-bot", "o3", 2));
  const auto page = only(prompt_finding());
  ASSERT_EQ(page.severity, Severity::warning);
  const auto linked = book_->apply(later(on("support-bot", "o3", 8), core::minutes(2)));
  ASSERT_EQ(linked.size(), 1U);
  EXPECT_EQ(linked[0].severity, Severity::info);
  EXPECT_EQ(linked[0].reason, kToldByPage);
  EXPECT_EQ(linked[0].told_by->id, page.incident_id);
}

core::Finding lost(core::Finding finding, double usd) {
  finding.excess_so_far = core::from_usd(usd);
  return finding;
}

TEST_F(SameChangeTest, WhatGoesOnAnHourLongerIsPaged) {
  (void)only(prompt_finding());
  const core::Finding other = on("support-bot", "o3");
  const auto ticket = only(other);
  (void)only(recovered_at(prompt_finding(), kOnset + core::hours(2)));
  EXPECT_TRUE(book_->apply(lost(later(other, core::minutes(101)), 16)).empty());
  restart();
  EXPECT_TRUE(book_->apply(lost(later(other, core::minutes(160)), 24)).empty()) << "no hour yet";
  const auto page = only(lost(later(other, core::minutes(161)), 24));
  EXPECT_EQ(page.incident_id, ticket.incident_id);
  EXPECT_EQ(page.severity, Severity::warning);
  EXPECT_EQ(page.reason, "the incident that told of it has ended, and this goes on");
  EXPECT_FALSE(page.told_by);
}

TEST_F(SameChangeTest, WhatIsOnlyLateToRecoverIsNotPaged) {
  (void)only(prompt_finding());
  const core::Finding other = on("support-bot", "o3");
  (void)only(other);
  (void)only(recovered_at(prompt_finding(), kOnset + core::hours(2)));
  for (int minutes = 101; minutes < 600; minutes += 60)
    EXPECT_TRUE(book_->apply(lost(later(other, core::minutes(minutes)), 16)).empty()) << minutes;
}

TEST_F(SameChangeTest, WhatGoesOnIsWeighedByEachDetector) {
  (void)only(prompt_finding());
  const core::Finding over = on("support-bot", "o3"),
                      goes_on = other_detector(on("support-bot", "o3", 9), "retry_rate");
  (void)only(over);
  (void)book_->apply(goes_on);
  (void)only(recovered_at(prompt_finding(), kOnset + core::hours(2)));
  EXPECT_TRUE(book_->apply(lost(later(over, core::minutes(101)), 16)).empty());
  EXPECT_TRUE(book_->apply(lost(later(goes_on, core::minutes(102)), 16)).empty());
  EXPECT_TRUE(book_->apply(lost(later(over, core::minutes(170)), 16)).empty());
  EXPECT_EQ(only(lost(later(goes_on, core::minutes(171)), 27)).severity, Severity::warning);
}

TEST_F(SameChangeTest, WhatThePageWasLearnedAsIsNotPagedAgain) {
  (void)only(prompt_finding());
  const core::Finding other = on("support-bot", "o3");
  (void)only(other);
  core::Finding learned = later(prompt_finding(), core::hours(70));
  learned.phase = core::FindingPhase::absorbed;
  (void)only(learned);
  for (int hours = 71; hours < 75; ++hours)
    EXPECT_TRUE(book_->apply(lost(later(other, core::hours(hours)), 8 * hours)).empty()) << hours;
}

TEST_F(SameChangeTest, AHardLimitOfWhatIsToldIsPaged) {
  (void)only(prompt_finding());
  const auto ticket = only(on("support-bot", "o3"));
  core::Finding run = other_detector(on("support-bot", "o3"), "loop_depth");
  run.aspect = "run 7";
  run.hard_limit = true;
  const auto page = only(run);
  EXPECT_EQ(page.incident_id, ticket.incident_id);
  EXPECT_EQ(page.severity, Severity::warning);
}

TEST_F(SameChangeTest, ARestartForgetsNothingThatAForgottenPageTellsOf) {
  (void)only(prompt_finding());
  (void)only(on("support-bot", "o3"));
  (void)only(recovered_at(prompt_finding(), kOnset + core::hours(2)));
  const auto now = kOnset + core::hours(60);
  (void)book_->advance_to(now, [&](const core::SeriesKey&) { return now; });
  ASSERT_EQ(book_->newest(9).size(), 1U) << "the page is forgotten";
  const auto before = book_->told_by(incident_id(prompt_finding()));
  restart();
  EXPECT_EQ(book_->told_by(incident_id(prompt_finding())), before);
}

TEST_F(SameChangeTest, AnotherPartOfWhatIsToldIsToldToo) {
  (void)only(prompt_finding());
  (void)only(on("support-bot", "o3"));
  for (const auto& event : book_->apply(other_detector(on("support-bot", "o3"), "cost_outlier")))
    EXPECT_EQ(event.severity, Severity::info) << event.reason;
}

TEST_F(SameChangeTest, WhatAPageTellsOfIsListedAfterThePages) {
  const auto page = only(prompt_finding());
  const auto ticket = only(later(on("support-bot", "o3"), core::minutes(3)));
  const auto listed = book_->newest(9);
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].incident_id, page.incident_id);
  EXPECT_EQ(listed[1].incident_id, ticket.incident_id);
}

TEST_F(SameChangeTest, ThePageIsCriticalWhenAllTogetherAre) {
  const auto page = only(on("support-bot", "gpt-4o", 30));
  ASSERT_EQ(page.severity, Severity::warning);
  const auto events = book_->apply(on("support-bot", "o3", 21));
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].severity, Severity::info);
  EXPECT_EQ(events[1].incident_id, page.incident_id);
  EXPECT_EQ(events[1].severity, Severity::critical);
  EXPECT_EQ(events[1].reason, "severity rose to critical");
  EXPECT_NE(events[1].summary.find("$51 an hour together"), std::string::npos) << events[1].summary;
}

TEST_F(SameChangeTest, WhatIsMoreSevereByItselfIsPaged) {
  (void)only(prompt_finding());
  EXPECT_EQ(only(on("support-bot", "o3", 60)).severity, Severity::critical);
}

TEST_F(SameChangeTest, WhatGetsMoreSevereThanItsPageSaysSo) {
  (void)only(prompt_finding());
  (void)only(on("support-bot", "o3"));
  const auto worse = only(later(on("support-bot", "o3", 60), core::minutes(5)));
  EXPECT_EQ(worse.severity, Severity::critical);
  EXPECT_EQ(worse.reason, "severity rose to critical");
}

TEST_F(SameChangeTest, ARetractedPageTellsNothing) {
  (void)only(prompt_finding());
  (void)only(on("support-bot", "o3"));
  core::Finding nothing = later(prompt_finding(), core::minutes(30));
  nothing.effect = nothing.effect_low = nothing.effect_high = 0.02;
  EXPECT_EQ(only(nothing).status, core::AlertStatus::retracted);
  EXPECT_EQ(only(later(on("support-bot", "o3"), core::minutes(31))).severity, Severity::warning);
  const auto again = only(later(prompt_finding(), core::minutes(35)));
  EXPECT_EQ(again.severity, Severity::warning) << "it has been one";
}

}  // namespace
}  // namespace costdrift::daemon
