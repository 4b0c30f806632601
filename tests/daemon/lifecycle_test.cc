// The rules of the life cycle, one by one: gates, one cause, echoes, what is worth a message.
#include "daemon/incidents/lifecycle.h"

#include <gtest/gtest.h>

#include "tests/daemon/finding_support.h"

namespace costdrift::daemon {
namespace {

using test_support::kOnset;
using test_support::prompt_finding;

struct GateCase {
  const char* name;
  double harm_low, usd_per_hour;
  bool money_known, hard_limit;
  Gate expected;
};

void PrintTo(const GateCase& one, std::ostream* out) { *out << one.name; }

class GateTest : public ::testing::TestWithParam<GateCase> {};

TEST_P(GateTest, WeighsEffectAndMoney) {
  core::Finding finding = prompt_finding();
  finding.harm_low = GetParam().harm_low;
  finding.excess_usd_per_hour = GetParam().usd_per_hour;
  finding.money_known = GetParam().money_known;
  finding.hard_limit = GetParam().hard_limit;
  EXPECT_EQ(weigh(finding, config::PageSettings()), GetParam().expected);
}

// The defaults: effect from 10 % with a lower bound from 5 %, a page from $5 an hour, critical from $50.
INSTANTIATE_TEST_SUITE_P(Defaults, GateTest,
                         ::testing::Values(GateCase{"effect_uncertain", 0.0499, 1000, true, false, Gate::immaterial},
                                           GateCase{"effect_at_the_gate", 0.10, 5, true, false, Gate::page},
                                           GateCase{"money_below", 0.2, 4.99, true, false, Gate::ticket},
                                           GateCase{"money_at_the_gate", 0.2, 5, true, false, Gate::page},
                                           GateCase{"critical_at_the_gate", 0.2, 50, true, false, Gate::urgent_page},
                                           GateCase{"money_unknown", 0.2, 1000, false, false, Gate::ticket},
                                           GateCase{"limit_without_effect", 0, 0, true, true, Gate::page},
                                           GateCase{"limit_without_price", 0, 1000, false, true, Gate::page},
                                           GateCase{"limit_with_much_money", 0, 50, true, true, Gate::urgent_page}),
                         [](const auto& one) { return one.param.name; });

TEST(GateRuleTest, AnExactEffectNeedsNoSmallestOneButMustHarm) {
  core::Finding finding = prompt_finding();
  finding.exact = true;
  finding.harm_low = 0.02;
  EXPECT_EQ(weigh(finding, config::PageSettings()), Gate::page);
  finding.harm_low = -0.2;
  EXPECT_EQ(weigh(finding, config::PageSettings()), Gate::immaterial);
}

TEST(GateRuleTest, WithoutDollarsAPageMustBeAskedFor) {
  core::Finding finding = prompt_finding();
  finding.monetary = finding.money_known = false;
  finding.excess_usd_per_hour = 0;
  EXPECT_EQ(weigh(finding, config::PageSettings()), Gate::ticket);
  finding.page_without_money = true;
  EXPECT_EQ(weigh(finding, config::PageSettings()), Gate::page);
  finding.effect = finding.harm_low = 0.05;
  EXPECT_EQ(weigh(finding, config::PageSettings()), Gate::immaterial);
}

TEST(LeadTest, TheMoreSpecificPartWhenItExplainsAboutTheSameDollars) {
  Incident incident;
  core::Finding context = test_support::other_detector(prompt_finding(), "context_growth");
  context.specific = true;
  context.excess_usd_per_hour = 6;
  record(incident, prompt_finding());  // $8 an hour
  record(incident, context);
  EXPECT_EQ(incident.lead().detector, "context_growth");
  context.excess_usd_per_hour = 5;
  record(incident, context);
  EXPECT_EQ(incident.lead().detector, "prompt_growth");
}

TEST(WeighTest, AnEffectBelowTheSmallestIsImmaterialHoweverCertain) {
  core::Finding finding = prompt_finding();
  finding.excess_usd_per_hour = 1000;
  finding.effect = 0.094;
  finding.harm_low = 0.09;
  EXPECT_EQ(weigh(finding, config::PageSettings()), Gate::immaterial);
}

TEST(WeighTest, BelowTheSeriesOwnMoneyGateItIsATicketUnlessTheLossIsLargeForSure) {
  core::Finding finding = prompt_finding();
  finding.below_money_gate = true;
  finding.effect = 0.4;
  finding.harm_low = 0.2;
  finding.excess_usd_per_hour = 99;
  EXPECT_EQ(weigh(finding, config::PageSettings()), Gate::ticket);
  finding.excess_usd_per_hour = 101;  // at least half of it by the lower bound
  EXPECT_EQ(weigh(finding, config::PageSettings()), Gate::urgent_page);
  finding.below_money_gate = false;
  finding.excess_usd_per_hour = 20;
  EXPECT_EQ(weigh(finding, config::PageSettings()), Gate::page);
}

TEST(SeverityTest, FollowsTheGate) {
  EXPECT_EQ(severity_of(Gate::immaterial), core::Severity::info);
  EXPECT_EQ(severity_of(Gate::ticket), core::Severity::info);
  EXPECT_EQ(severity_of(Gate::page), core::Severity::warning);
  EXPECT_EQ(severity_of(Gate::urgent_page), core::Severity::critical);
}

Incident incident_of(const core::Finding& finding) {
  Incident incident;
  incident.id = incident_id(finding);
  incident.series = finding.series;
  record(incident, finding);
  incident.event.onset = finding.onset;
  incident.event.detected_at = finding.evaluated_at;
  incident.event.effect = finding.effect;
  incident.event.usd_per_hour = finding.excess_usd_per_hour;
  return incident;
}

const config::PageSettings kPages;

TEST(SameCauseTest, TheSameDetectorWheneverAnotherOneWhenTheChangeTimesOverlap) {
  const Incident incident = incident_of(prompt_finding());
  EXPECT_TRUE(same_cause(incident, prompt_finding(kOnset + core::hours(9)), kPages));
  const auto at = [](core::Duration after) {
    return test_support::other_detector(prompt_finding(kOnset + after), "retry_rate");
  };
  EXPECT_TRUE(same_cause(incident, at({}), kPages));
  // Intervals are [-4 min, +2 min] around the onset and may be half an hour apart, or what the configuration says.
  EXPECT_TRUE(same_cause(incident, at(core::minutes(36)), kPages));
  EXPECT_FALSE(same_cause(incident, at(core::minutes(37)), kPages));
  const config::PageSettings apart{.group_within = {}};
  EXPECT_TRUE(same_cause(incident, at(core::minutes(6)), apart));
  EXPECT_FALSE(same_cause(incident, at(core::minutes(7)), apart));
  EXPECT_TRUE(same_cause(incident, at(core::hours(2)), {.group_within = core::hours(2)}));
}

TEST(SameCauseTest, AnyPartOfTheIncidentCounts) {
  Incident incident = incident_of(prompt_finding());
  record(incident, test_support::other_detector(prompt_finding(kOnset + core::minutes(30)), "retry_rate"));
  EXPECT_TRUE(same_cause(
      incident, test_support::other_detector(prompt_finding(kOnset + core::hours(1)), "cost_outlier"), kPages));
}

// A heavier tail is seen at once, the mean that it raises hours later.
TEST(SameCauseTest, ACauseJoinsTheSymptomThatCameFirst) {
  core::Finding symptom = test_support::other_detector(prompt_finding(), "cost_outlier");
  symptom.symptom = true;
  EXPECT_TRUE(same_cause(incident_of(symptom), prompt_finding(kOnset + core::hours(3)), kPages));
  EXPECT_FALSE(same_cause(incident_of(symptom), prompt_finding(kOnset - core::hours(3)), kPages));
  symptom.onset = symptom.onset_earliest = symptom.onset_latest = kOnset + core::hours(3);
  EXPECT_FALSE(same_cause(incident_of(prompt_finding()), symptom, kPages)) << "a later symptom is of something else";
}

Incident resolved_incident(core::Duration after) {
  Incident incident = incident_of(prompt_finding());
  incident.open = false;
  incident.event.resolved_at = kOnset + after;
  return incident;
}

TEST(EchoTest, MoreThanHalfOfTheTimeSinceTheOnsetLiesInTheResolvedIncident) {
  const Incident resolved = resolved_incident(core::hours(2));
  core::Finding finding = test_support::other_detector(prompt_finding(kOnset + core::hours(1)), "cost_outlier");
  finding.evaluated_at = kOnset + core::hours(2) + core::minutes(59);
  EXPECT_TRUE(echo_of(resolved, finding, kPages));
  finding.evaluated_at = kOnset + core::hours(3);
  EXPECT_FALSE(echo_of(resolved, finding, kPages));
}

TEST(EchoTest, WhatAPersonEndedHoweverLongItGoesOn) {
  Incident resolved = resolved_incident(core::minutes(30));
  core::Finding symptom = test_support::other_detector(prompt_finding(), "cost_outlier");
  symptom.evaluated_at = kOnset + core::hours(5);
  EXPECT_FALSE(echo_of(resolved, symptom, kPages));
  resolved.dismissed = true;
  EXPECT_TRUE(echo_of(resolved, symptom, kPages));
  core::Finding another = test_support::other_detector(prompt_finding(kOnset + core::hours(2)), "retry_rate");
  EXPECT_FALSE(echo_of(resolved, another, kPages)) << "it began later";
  EXPECT_FALSE(echo_of(resolved, prompt_finding(kOnset + core::hours(2)), kPages)) << "once more";
  symptom.hard_limit = true;
  symptom.aspect = "run 9";
  EXPECT_FALSE(echo_of(resolved, symptom, kPages)) << "another run over the limit";
}

TEST(EchoTest, NothingBeforeOrAfterTheIncidentAndNothingOfAnOpenOne) {
  const Incident resolved = resolved_incident(core::hours(2));
  EXPECT_FALSE(echo_of(resolved, prompt_finding(kOnset - core::hours(5)), kPages));
  EXPECT_FALSE(echo_of(resolved, prompt_finding(kOnset + core::hours(2)), kPages));
  EXPECT_FALSE(echo_of(incident_of(prompt_finding()), prompt_finding(), kPages));
}

TEST(RecordTest, ReplacesWhatTheDetectorSaidOfTheSameAspect) {
  Incident incident = incident_of(prompt_finding());
  core::Finding again = prompt_finding();
  again.effect = 0.5;
  record(incident, again);
  ASSERT_EQ(incident.parts.size(), 1U);
  EXPECT_EQ(incident.parts[0].finding.effect, 0.5);
  again.aspect = "run-7";
  record(incident, again);
  EXPECT_EQ(incident.parts.size(), 2U);
}

TEST(RecordTest, ARecoveryOfWhatWasNeverSeenIsNoPart) {
  Incident incident = incident_of(prompt_finding());
  record(incident, test_support::recovered_at(test_support::other_detector(prompt_finding(), "retry_rate"), kOnset));
  EXPECT_EQ(incident.parts.size(), 1U);
}

TEST(RecoveredTest, OnlyWhenEveryPartHas) {
  Incident incident = incident_of(prompt_finding());
  record(incident, test_support::other_detector(prompt_finding(), "retry_rate"));
  record(incident, test_support::recovered_at(prompt_finding(), kOnset + core::hours(1)));
  EXPECT_FALSE(recovered(incident));
  record(incident, test_support::recovered_at(test_support::other_detector(prompt_finding(), "retry_rate"),
                                              kOnset + core::hours(1)));
  EXPECT_TRUE(recovered(incident));
}

// What the estimate says `after` the first message.
std::optional<std::string> told(core::Duration after, double effect, double usd_per_hour,
                                core::Severity severity = core::Severity::warning) {
  Incident incident = incident_of(prompt_finding());
  record(incident, test_support::later(prompt_finding(), after));
  core::AlertEvent next = incident.event;
  next.updated_at = incident.lead().evaluated_at;
  next.effect = effect;
  next.usd_per_hour = usd_per_hour;
  next.usd_per_month = usd_per_hour * core::kHoursPerMonth;
  next.severity = severity;
  return worth_telling(incident, next);
}

TEST(WorthTellingTest, AnEstimateThatMovedByMoreThanThirtyPercentAfterAQuarterOfAnHour) {
  EXPECT_EQ(told(core::minutes(15), 0.42, 8), "the estimate has sharpened");
  EXPECT_EQ(told(core::minutes(15), 0.31, 5.5), "the estimate has sharpened");
  EXPECT_EQ(told(core::minutes(15), 0.40, 10.3), std::nullopt);
  EXPECT_EQ(told(core::minutes(14), 0.62, 16), std::nullopt);
}

TEST(WorthTellingTest, ARiseOfSeverityAtOnce) {
  EXPECT_EQ(told({}, 0.31, 8, core::Severity::critical), "severity rose to critical");
}

}  // namespace
}  // namespace costdrift::daemon
