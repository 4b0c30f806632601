// How incidents end: recovered, retracted, learned, for want of traffic; and what goes on after an end.
#include "tests/daemon/incident_book_fixture.h"

namespace costdrift::daemon {
namespace {

using test_support::kOnset;
using test_support::later;
using test_support::other_detector;
using test_support::prompt_finding;
using test_support::recovered_at;

class IncidentEndTest : public IncidentBookTest {};

TEST_F(IncidentEndTest, TheEchoOfAnEndedIncidentIsNoIncident) {
  only(prompt_finding());
  only(recovered_at(prompt_finding(), kOnset + core::hours(2)));
  core::Finding echo = other_detector(prompt_finding(kOnset + core::hours(1)), "cost_outlier");
  echo.evaluated_at = kOnset + core::minutes(150);
  EXPECT_TRUE(book_->apply(echo).empty());
  EXPECT_TRUE(book_->apply(later(prompt_finding(), core::hours(30))).empty()) << "the same id";
  EXPECT_EQ(only(prompt_finding(kOnset + core::hours(5))).status, core::AlertStatus::firing);
}

TEST_F(IncidentEndTest, ARecoveryWithoutIncidentIsNothing) {
  EXPECT_TRUE(book_->apply(recovered_at(prompt_finding(), kOnset)).empty());
}

TEST_F(IncidentEndTest, WithoutTrafficAnIncidentEnds) {
  only(prompt_finding());
  last_call_ = kOnset + core::hours(1);
  EXPECT_TRUE(at(kOnset + core::hours(24)).empty());
  const auto events = at(kOnset + core::hours(25));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].status, core::AlertStatus::resolved);
  EXPECT_EQ(events[0].resolved_at, kOnset + core::hours(25));
  EXPECT_EQ(events[0].reason, "no traffic for 1d");
  EXPECT_TRUE(at(kOnset + core::hours(26)).empty());
}

// An application that fell silent has no traffic for as long as its incident lasts.
TEST_F(IncidentEndTest, WhatItsDetectorTellsAgainGoesOnWithoutTraffic) {
  only(prompt_finding());
  for (int hour = 1; hour <= 30; ++hour) {
    book_->apply(later(prompt_finding(), core::hours(hour)));
    EXPECT_TRUE(at(kOnset + core::hours(hour) + core::minutes(10)).empty()) << hour;
  }
  const core::EventTime told = later(prompt_finding(), core::hours(30)).evaluated_at;
  EXPECT_TRUE(at(told + core::hours(23)).empty());
  EXPECT_EQ(at(told + core::hours(25)).size(), 1U) << "nobody judges it any more";
}

// A restart between the deadline and the next look must not make the incident end at another time.
TEST_F(IncidentEndTest, ARestartDoesNotMoveTheEnd) {
  const core::EventTime deadline = kOnset + core::hours(25) + core::seconds(10);
  const auto end_with = [&](bool with_restart) {
    store_ = std::move(*state::Store::open("book", {.sync = false, .in_memory = true}));
    restart(core::EventTime::min());
    only(prompt_finding());
    last_call_ = deadline - core::hours(24);
    EXPECT_TRUE(at(deadline - core::seconds(5)).empty());
    if (with_restart) restart(deadline - core::seconds(5));
    for (core::EventTime now = deadline; now < deadline + core::hours(1); now = now + core::seconds(5)) {
      const auto events = at(now);
      if (!events.empty()) return *events.front().resolved_at;
    }
    return core::EventTime::max();
  };
  EXPECT_EQ(end_with(true), end_with(false));
  EXPECT_EQ(end_with(false), kOnset + core::hours(25) + core::minutes(1));
}

// A weekend without calls.
TEST_F(IncidentEndTest, WhatGoesOnWhenTheCallsComeBackIsToldAsTheSameIncident) {
  const core::AlertEvent page = only(prompt_finding());
  last_call_ = page.detected_at;
  const auto silent = at(page.detected_at + core::hours(25));
  ASSERT_EQ(silent.size(), 1U);
  EXPECT_EQ(silent[0].status, core::AlertStatus::resolved);
  const core::AlertEvent again = only(later(prompt_finding(), core::hours(40)));
  EXPECT_EQ(again.incident_id, page.incident_id);
  EXPECT_EQ(again.status, core::AlertStatus::updated);
  EXPECT_EQ(again.severity, page.severity);
  EXPECT_EQ(again.reason, "its calls have come back, and it goes on");
  EXPECT_FALSE(again.resolved_at);
  EXPECT_EQ(again.version, 3);
  EXPECT_EQ(book_->open_count(), 1);
  EXPECT_EQ(only(recovered_at(prompt_finding(), kOnset + core::hours(50))).version, 4);
  EXPECT_TRUE(book_->apply(later(prompt_finding(), core::hours(51))).empty()) << "it was over";
}

// No detector that runs now judges the series any more (it was switched off): its silence counts from the first
// message.
TEST_F(IncidentEndTest, ASeriesThatNobodyJudgesFallsSilentToo) {
  const core::EventTime detected = only(prompt_finding()).detected_at;
  last_call_ = core::EventTime::min();
  EXPECT_TRUE(at(detected + core::hours(23)).empty());
  EXPECT_EQ(at(detected + core::hours(24)).size(), 1U);
}

TEST_F(IncidentEndTest, ResolvedIncidentsLeaveAfterTwoDaysTheOldestFirstWhenTheyAreTooMany) {
  settings_.limits.max_incidents_kept = 3;
  for (int hour = 0; hour < 5; ++hour) {
    const core::EventTime onset = kOnset + core::hours(6 * hour);
    only(prompt_finding(onset));
    only(recovered_at(prompt_finding(onset), onset + core::hours(1)));
  }
  const core::EventTime now = kOnset + core::hours(26);
  at(now);
  EXPECT_EQ(book_->newest(10).size(), 3U);
  EXPECT_EQ(book_->newest(10).front().onset, kOnset + core::hours(24)) << "newest first";
  at(now + core::days(2));
  EXPECT_TRUE(book_->newest(10).empty());
  restart(now + core::days(2));
  EXPECT_TRUE(book_->newest(10).empty()) << "gone from the store too";
}

TEST_F(IncidentEndTest, RetractsWhatTurnsOutTooSmallAndGoesOnWhenItIsNot) {
  const core::AlertEvent first = only(prompt_finding());
  core::Finding small = later(prompt_finding(), core::minutes(30));
  small.effect = 0.04;
  small.effect_low = 0.02;
  small.effect_high = 0.06;
  small.harm_low = 0.02;
  const core::AlertEvent retracted = only(small);
  EXPECT_EQ(retracted.status, core::AlertStatus::retracted);
  EXPECT_EQ(retracted.incident_id, first.incident_id);
  EXPECT_EQ(retracted.version, first.version + 1);
  EXPECT_EQ(retracted.reason, "the effect has turned out to be +4 %, too small to matter");
  EXPECT_EQ(retracted.resolved_at, small.evaluated_at);
  EXPECT_EQ(book_->open_count(), 0);
  EXPECT_TRUE(book_->apply(later(small, core::minutes(5))).empty());

  restart(small.evaluated_at);
  const core::AlertEvent again = only(later(prompt_finding(), core::hours(1)));
  EXPECT_EQ(again.incident_id, first.incident_id) << "it is the same change";
  EXPECT_EQ(again.version, retracted.version + 1);
  EXPECT_EQ(again.status, core::AlertStatus::updated);
  EXPECT_EQ(again.resolved_at, std::nullopt);
  EXPECT_EQ(book_->open_count(), 1);
}

// A price that rose by 4 % is small, but nothing of it is an estimate.
TEST_F(IncidentEndTest, RetractsNothingThatIsExact) {
  core::Finding exact = prompt_finding();
  exact.exact = true;
  exact.effect = exact.effect_low = exact.effect_high = exact.harm_low = 0.04;
  EXPECT_EQ(only(exact).status, core::AlertStatus::firing);
  EXPECT_TRUE(book_->apply(later(exact, core::minutes(20))).empty());
  EXPECT_EQ(book_->open_count(), 1);
}

TEST_F(IncidentEndTest, WhatRecoversWhileNobodyHearsOfItDoesNotGoOn) {
  const core::AlertEvent page = only(prompt_finding());
  core::Finding symptom = test_support::other_detector(later(prompt_finding(), core::minutes(5)), "cost_outlier");
  symptom.symptom = true;
  EXPECT_TRUE(book_->apply(symptom).empty());
  last_call_ = page.detected_at;
  ASSERT_EQ(at(page.detected_at + core::hours(25)).size(), 1U);
  EXPECT_TRUE(book_->apply(recovered_at(prompt_finding(), kOnset + core::hours(40))).empty());
  const core::AlertEvent again = only(later(symptom, core::hours(41)));
  EXPECT_EQ(again.detector, "cost_outlier");
  EXPECT_EQ(only(recovered_at(symptom, kOnset + core::hours(42))).status, core::AlertStatus::resolved);
}

TEST_F(IncidentEndTest, WhatADeclarationEndedDoesNotComeBack) {
  const Declaration declared{.change = {}, .match = {}, .expect = {"prompt_growth"}, .up_to = {}, .until = {}};
  EXPECT_EQ(book_->note_expected(prompt_finding(), declared).status, core::AlertStatus::resolved);
  EXPECT_FALSE(book_->would_open(later(prompt_finding(), core::minutes(10))));
  EXPECT_TRUE(book_->apply(later(prompt_finding(), core::minutes(10))).empty());
}

TEST_F(IncidentEndTest, AHolidayIsNoEnd) {
  const core::AlertEvent page = only(prompt_finding());
  last_call_ = page.detected_at;
  ASSERT_EQ(at(page.detected_at + core::hours(25)).size(), 1U);
  EXPECT_TRUE(at(page.detected_at + core::days(4)).empty());
  EXPECT_EQ(only(later(prompt_finding(), core::days(4))).version, 3);
}

TEST_F(IncidentEndTest, ASymptomThatOutlivesItsCauseIsNoNewsWhenTheCauseWasLearned) {
  only(prompt_finding());
  core::Finding symptom = test_support::other_detector(later(prompt_finding(), core::minutes(5)), "cost_outlier");
  symptom.symptom = true;
  EXPECT_TRUE(book_->apply(symptom).empty());
  core::Finding learned = later(prompt_finding(), core::days(3));
  learned.phase = core::FindingPhase::absorbed;
  EXPECT_TRUE(book_->apply(learned).empty());
  EXPECT_TRUE(book_->apply(later(symptom, core::days(3) + core::hours(2))).empty());
  symptom.symptom = false;
  EXPECT_EQ(only(later(symptom, core::days(3) + core::hours(3))).reason,
            "prompt_growth was learned as normal, cost_outlier goes on");
}

TEST_F(IncidentEndTest, SaysWhenAChangeWasLearnedAsNormal) {
  only(prompt_finding());
  core::Finding absorbed = later(prompt_finding(), core::days(3));
  absorbed.phase = core::FindingPhase::absorbed;
  const core::AlertEvent over = only(absorbed);
  EXPECT_EQ(over.status, core::AlertStatus::resolved);
  EXPECT_EQ(over.reason, "it goes on and nobody objected: learned as normal");
}

TEST_F(IncidentEndTest, RetractsNothingLongAfterItWasTold) {
  only(prompt_finding());
  core::Finding small = later(prompt_finding(), core::hours(5));
  small.effect = small.effect_low = small.effect_high = small.harm_low = 0.04;
  for (const auto& event : book_->apply(small)) EXPECT_EQ(event.status, core::AlertStatus::updated);
  EXPECT_EQ(book_->open_count(), 1);
}

}  // namespace
}  // namespace costdrift::daemon
