// The wording of what people read first, for every unit that a detector uses.
#include "daemon/incidents/message.h"

#include <gtest/gtest.h>

#include "daemon/incidents/lifecycle.h"
#include "tests/daemon/finding_support.h"

namespace costdrift::daemon {
namespace {

using test_support::kOnset;
using test_support::prompt_finding;

core::AlertEvent event_of(const core::Finding& finding,
                          const config::Settings& settings = test_support::page_settings()) {
  Incident incident;
  incident.id = "0123456789abcdef0123456789abcdef";
  incident.series = finding.series;
  incident.severity = core::Severity::warning;
  record(incident, finding);
  return describe(incident, settings);
}

core::Finding finding_in(const std::string& quantity, const std::string& unit, double expected, double observed) {
  core::Finding finding = prompt_finding();
  finding.quantity = quantity;
  finding.unit = unit;
  finding.expected = expected;
  finding.observed = observed;
  finding.effect = observed / expected - 1;
  return finding;
}

TEST(SummaryLineTest, TokensPerCall) {
  EXPECT_EQ(event_of(prompt_finding()).summary,
            "support-bot / gpt-4o: input tokens per call 2,592, expected 1,980 (+31 %) since 14:00 UTC; $8.00 an hour, "
            "$5,760 a month at this rate");
}

TEST(SummaryLineTest, Shares) {
  EXPECT_EQ(event_of(finding_in("retries per attempt", "retries/attempt", 0.05, 0.25)).summary,
            "support-bot / gpt-4o: retries per attempt 25 %, expected 5 % (+400 %) since 14:00 UTC; $8.00 an hour, "
            "$5,760 a month at this rate");
  EXPECT_EQ(event_of(finding_in("cache hit rate", "cached/input tokens", 0.6, 0.125)).summary,
            "support-bot / gpt-4o: cache hit rate 12.5 %, expected 60 % (-79 %) since 14:00 UTC; $8.00 an hour, "
            "$5,760 a month at this rate");
}

TEST(SummaryLineTest, DollarsAndSteps) {
  EXPECT_EQ(event_of(finding_in("cost per call", "USD/call", 0.034, 0.068)).summary.substr(0, 76),
            "support-bot / gpt-4o: cost per call $0.068, expected $0.034 (+100 %) since 1");
  EXPECT_EQ(event_of(finding_in("steps per run", "steps/run", 3.04, 6.11)).summary.substr(0, 70),
            "support-bot / gpt-4o: steps per run 6.11, expected 3.04 (+100 %) since");
}

TEST(SummaryLineTest, DriverAndNoteStandAtTheEnd) {
  core::Finding finding = prompt_finding();
  finding.drivers = {{core::Dimension::use_case, "rag-search", 0.94}};
  finding.note = "the prompt version changed";
  const std::string line = event_of(finding).summary;
  EXPECT_NE(line.find("at this rate; 94 % of it is use_case rag-search; the prompt version changed"), std::string::npos)
      << line;
}

TEST(SummaryLineTest, NothingIsInventedWithoutAPriceOrAnExpectation) {
  core::Finding finding = prompt_finding();
  finding.money_known = false;
  finding.expected = 0;
  const core::AlertEvent event = event_of(finding);
  EXPECT_EQ(
      event.summary,
      "support-bot / gpt-4o: input tokens per call 2,592 since 14:00 UTC; dollars unknown: no price for the model");
  EXPECT_FALSE(event.usd_per_hour || event.usd_so_far || event.usd_per_month);
}

// "since 23:50" would be read as of the day of the message.
TEST(SummaryLineTest, AnOnsetOfAnEarlierDayCarriesItsDate) {
  const core::AlertEvent event = event_of(prompt_finding(test_support::kMonday + core::hours(24) - core::minutes(10)));
  EXPECT_NE(event.summary.find("(+31 %) since 2 Mar 23:50 UTC; "), std::string::npos) << event.summary;
}

TEST(SummaryLineTest, NamesFromEventsStayOnOneLine) {
  core::Finding finding = prompt_finding();
  finding.series = core::SeriesKey::of({{core::Dimension::app, "evil\nALERT: all is well\x1b[2J"}});
  const std::string line = event_of(finding).summary;
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
}

TEST(DescribeTest, CarriesWhoHowMuchAndHowToLookAgain) {
  config::Settings settings = test_support::page_settings();
  settings.http.public_url = "https://costdrift.example";
  settings.runbook_url = "https://wiki.example/{detector}";
  const core::AlertEvent event = event_of(prompt_finding(), settings);
  EXPECT_EQ(event.owner_team, "cx");
  EXPECT_EQ(event.owner, "ana");
  EXPECT_EQ(event.usd_so_far, 2.6);
  EXPECT_EQ(event.usd_per_month, 8 * 720);
  core::Finding nightly = prompt_finding();
  nightly.excess_usd_per_month = 290;
  EXPECT_EQ(event_of(nightly, settings).usd_per_month, 290);
  EXPECT_NE(event_of(nightly).summary.find("$8.00 an hour, $290 a month at its usual traffic"), std::string::npos)
      << event_of(nightly).summary;
  EXPECT_EQ(event.usd_split[static_cast<int>(core::CostPart::input)], 8);
  EXPECT_EQ(event.detected_at, kOnset + core::minutes(20));
  EXPECT_EQ(event.quiet_if, "effect below 10 % or under $5.00/h");
  EXPECT_EQ(event.incident_url, "https://costdrift.example/#0123456789abcdef0123456789abcdef");
  EXPECT_EQ(event.runbook_url, "https://wiki.example/prompt_growth");
  EXPECT_NE(event.replay_command.find("--config /etc/costdrift/costdrift.yaml"), std::string::npos);
}

TEST(DescribeTest, TheOtherPartsFollowTheLeader) {
  Incident incident;
  incident.series = prompt_finding().series;
  core::Finding dearer = test_support::other_detector(prompt_finding(), "retry_rate");
  dearer.excess_usd_per_hour = 9;
  record(incident, prompt_finding());
  record(incident, dearer);
  const core::AlertEvent event = describe(incident, test_support::page_settings());
  EXPECT_EQ(event.detector, "retry_rate");
  ASSERT_EQ(event.also.size(), 1U);
  EXPECT_EQ(event.also[0].detector, "prompt_growth");
  EXPECT_EQ(event.also[0].excess_usd_per_hour, 8);
}

TEST(DescribeTest, ASymptomLeadsOnlyWithTwiceTheMoney) {
  core::Finding symptom = test_support::other_detector(prompt_finding(), "cost_outlier");
  symptom.symptom = true;
  Incident incident;
  record(incident, prompt_finding());
  symptom.excess_usd_per_hour = 15.9;
  record(incident, symptom);
  EXPECT_EQ(incident.lead().detector, "prompt_growth");
  symptom.excess_usd_per_hour = 16.1;
  record(incident, symptom);
  EXPECT_EQ(incident.lead().detector, "cost_outlier");
}

TEST(DescribeTest, ASymptomTakesTheLeadOfAToldCauseOnlyWithFourTimesTheMoney) {
  core::Finding symptom = test_support::other_detector(prompt_finding(), "cost_outlier");
  symptom.symptom = true;
  Incident incident;
  record(incident, prompt_finding());
  incident.event.detector = "prompt_growth";
  incident.event.version = 1;
  symptom.excess_usd_per_hour = 31.9;
  record(incident, symptom);
  EXPECT_EQ(incident.lead().detector, "prompt_growth");
  symptom.excess_usd_per_hour = 32.1;
  record(incident, symptom);
  EXPECT_EQ(incident.lead().detector, "cost_outlier");
  incident.event.detected_at = symptom.evaluated_at - core::minutes(14);
  EXPECT_EQ(incident.lead().detector, "prompt_growth") << "the estimates are not of one age";
}

}  // namespace
}  // namespace costdrift::daemon
