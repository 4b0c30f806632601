// Incidents from the first finding on, across restarts, and their stored form.
#include "tests/daemon/incident_book_fixture.h"

namespace costdrift::daemon {
namespace {

using test_support::kOnset;
using test_support::later;
using test_support::other_detector;
using test_support::prompt_finding;
using test_support::recovered_at;

TEST_F(IncidentBookTest, OpensAPageATicketOrNothing) {
  const core::AlertEvent page = only(prompt_finding());
  EXPECT_EQ(page.status, core::AlertStatus::firing);
  EXPECT_EQ(page.version, 1);
  EXPECT_EQ(page.severity, core::Severity::warning);
  core::Finding cheap = other_detector(prompt_finding(kOnset + core::hours(4)), "retry_rate");
  cheap.excess_usd_per_hour = 1;
  EXPECT_EQ(only(cheap).severity, core::Severity::info);
  core::Finding small = other_detector(prompt_finding(kOnset + core::hours(8)), "cache_hit_rate");
  small.harm_low = 0.04;
  EXPECT_TRUE(book_->apply(small).empty());
  EXPECT_EQ(book_->open_count(), 2);
}

TEST_F(IncidentBookTest, TheIdIsOfTheFindingAlone) {
  EXPECT_EQ(only(prompt_finding()).incident_id, incident_id(prompt_finding()));
  core::Finding other = prompt_finding();
  other.expected = 1;
  other.evaluated_at = other.evaluated_at + core::hours(1);
  EXPECT_EQ(incident_id(other), incident_id(prompt_finding()));
  other.onset = other.onset + core::seconds(5);
  EXPECT_NE(incident_id(other), incident_id(prompt_finding()));
  // Written down once: ids outlive versions of the program.
  EXPECT_EQ(incident_id(prompt_finding()), "e6a9e5871d5d2f25018935d30667359a");
}

TEST_F(IncidentBookTest, AnotherDetectorOfTheSameChangeJoinsTheIncident) {
  const std::string id = only(prompt_finding()).incident_id;
  core::Finding joined = other_detector(prompt_finding(), "cost_outlier");
  joined.excess_usd_per_hour = 2;
  EXPECT_TRUE(book_->apply(joined).empty());
  EXPECT_EQ(book_->open_count(), 1);
  // The first recovers, the other goes on: no message. Both: the end.
  EXPECT_TRUE(book_->apply(recovered_at(prompt_finding(), kOnset + core::minutes(30))).empty());
  const core::AlertEvent end = only(recovered_at(joined, kOnset + core::hours(1)));
  EXPECT_EQ(end.status, core::AlertStatus::resolved);
  EXPECT_EQ(end.incident_id, id);
  EXPECT_EQ(end.version, 2);
  EXPECT_EQ(end.resolved_at, kOnset + core::hours(1));
  EXPECT_EQ(end.reason, "back at its baseline");
}

// What is told of an incident is what goes on, not what was over days ago.
// Nobody is told of every estimate, but who looks sees the newest.
TEST_F(IncidentBookTest, WhoLooksSeesTheDollarsOfNow) {
  const core::AlertEvent told = only(prompt_finding());
  core::Finding costly = later(prompt_finding(), core::minutes(10));
  costly.excess_so_far = core::from_usd(900);
  costly.observed = 3000;
  EXPECT_TRUE(book_->apply(costly).empty());
  core::AlertEvent seen = book_->newest(1).front();
  EXPECT_EQ(seen.version, told.version);
  EXPECT_EQ(seen.summary, told.summary);
  EXPECT_EQ(seen.usd_so_far, 900);
  EXPECT_EQ(seen.observed, 3000);
  EXPECT_EQ(seen.updated_at, costly.evaluated_at);
  core::Finding dearer = other_detector(later(prompt_finding(), core::minutes(12)), "cost_outlier");
  dearer.excess_usd_per_hour = 9;
  (void)book_->apply(dearer);
  seen = book_->newest(1).front();
  EXPECT_EQ(seen.detector, "prompt_growth");
  EXPECT_EQ(seen.usd_so_far, told.usd_so_far) << "another quantity leads: what was told stands";
}

TEST_F(IncidentBookTest, APartThatOutlivesTheOneThatWasToldIsToldOnce) {
  only(prompt_finding());
  core::Finding sharper = later(prompt_finding(), core::minutes(16));
  sharper.excess_usd_per_hour = 20;
  EXPECT_EQ(only(sharper).reason, "the estimate has sharpened");
  core::Finding joined = other_detector(prompt_finding(), "cost_outlier");
  joined.excess_usd_per_hour = 2;
  EXPECT_TRUE(book_->apply(joined).empty());
  EXPECT_TRUE(book_->apply(recovered_at(prompt_finding(), kOnset + core::minutes(40))).empty());
  EXPECT_TRUE(book_->apply(later(joined, core::minutes(60))).empty());
  const core::AlertEvent told = only(later(joined, core::minutes(100)));
  EXPECT_EQ(told.status, core::AlertStatus::updated);
  EXPECT_EQ(told.detector, "cost_outlier");
  EXPECT_EQ(told.reason, "prompt_growth is back at its baseline, cost_outlier goes on");
  EXPECT_TRUE(book_->apply(later(joined, core::minutes(200))).empty());
}

TEST_F(IncidentBookTest, SeverityRisesWithAMessageAndNeverFalls) {
  only(prompt_finding());
  core::Finding dear = later(prompt_finding(), core::minutes(1));
  dear.excess_usd_per_hour = 60;
  const core::AlertEvent risen = only(dear);
  EXPECT_EQ(risen.severity, core::Severity::critical);
  EXPECT_EQ(risen.reason, "severity rose to critical");
  int told = 0;
  for (int hour = 1; hour < 5; ++hour) {
    core::Finding cheaper = later(prompt_finding(), core::hours(hour));
    cheaper.excess_usd_per_hour = 0.1;
    for (const auto& event : book_->apply(cheaper)) {
      ++told;
      EXPECT_EQ(event.reason, "the estimate has sharpened");
      EXPECT_EQ(event.severity, core::Severity::critical);
    }
  }
  EXPECT_EQ(told, 1);
  EXPECT_EQ(book_->newest(1).front().severity, core::Severity::critical);
  EXPECT_EQ(only(recovered_at(prompt_finding(), kOnset + core::hours(6))).severity, core::Severity::critical);
}

TEST_F(IncidentBookTest, ASharperEstimateIsToldOnce) {
  only(prompt_finding());
  int told = 0;
  for (int quarter = 1; quarter <= 20; ++quarter) {
    core::Finding moved = later(prompt_finding(), core::minutes(15 * quarter));
    moved.excess_usd_per_hour = 8 + 2 * quarter;
    told += static_cast<int>(book_->apply(moved).size());
  }
  EXPECT_EQ(told, 1);
}

TEST_F(IncidentBookTest, ASymptomThatLagsBehindItsCauseIsNoSharperEstimate) {
  only(prompt_finding());
  core::Finding symptom = test_support::other_detector(later(prompt_finding(), core::minutes(5)), "cost_outlier");
  symptom.symptom = true;
  symptom.effect = 2;
  EXPECT_TRUE(book_->apply(symptom).empty());
  EXPECT_TRUE(book_->apply(recovered_at(prompt_finding(), kOnset + core::minutes(50))).empty());
  EXPECT_TRUE(book_->apply(later(symptom, core::minutes(50))).empty());
}

TEST_F(IncidentBookTest, FewerCallsInTheNightAreNoSharperEstimate) {
  core::Finding finding = prompt_finding();
  finding.excess_usd_per_month = 2'000;
  only(finding);
  core::Finding night = later(finding, core::hours(5));
  night.excess_usd_per_hour = 1;
  EXPECT_TRUE(book_->apply(night).empty());
  night = later(finding, core::hours(6));
  night.excess_usd_per_hour = 1;
  night.excess_usd_per_month = 1'000;
  EXPECT_EQ(only(night).reason, "the estimate has sharpened");
}

TEST_F(IncidentBookTest, ComesBackWholeAfterARestart) {
  const core::AlertEvent page = only(prompt_finding());
  book_->told(page.incident_id, "finops");
  ASSERT_TRUE(store_->commit());
  restart(kOnset + core::minutes(20));
  EXPECT_EQ(book_->open_count(), 1);
  EXPECT_EQ(book_->told_sinks(page.incident_id), std::set<std::string>{"finops"});
  EXPECT_TRUE(book_->apply(later(prompt_finding(), core::minutes(5))).empty()) << "known already";
  EXPECT_EQ(only(recovered_at(prompt_finding(), kOnset + core::hours(1))).version, 2);
}

// Two incidents of one series that opened in the same bucket: the one that a later finding joins may not depend on the
// order in which they were found.
TEST_F(IncidentBookTest, ARestartDoesNotChangeWhichIncidentAFindingJoins) {
  const auto joined_with = [&](bool with_restart, bool swapped) {
    store_ = std::move(*state::Store::open("book", {.sync = false, .in_memory = true}));
    restart(core::EventTime::min());
    core::Finding early = prompt_finding(),
                  late = other_detector(prompt_finding(kOnset + core::hours(2)), "retry_rate");
    early.evaluated_at = late.evaluated_at;
    only(swapped ? late : early);
    only(swapped ? early : late);
    if (with_restart) restart(late.evaluated_at);
    core::Finding between = other_detector(prompt_finding(kOnset + core::hours(1)), "cost_outlier");
    between.onset_earliest = kOnset;  // overlaps both
    between.onset_latest = kOnset + core::hours(2);
    between.evaluated_at = late.evaluated_at;
    between.excess_usd_per_hour = 100;
    return only(between).incident_id;
  };
  EXPECT_EQ(joined_with(true, false), joined_with(false, false));
  EXPECT_EQ(joined_with(true, true), joined_with(false, true));
}

TEST(IncidentRecordTest, ComesBackAsItWas) {
  Incident incident;
  incident.id = incident_id(prompt_finding());
  incident.series = prompt_finding().series;
  incident.parts = {{prompt_finding(), true}, {other_detector(prompt_finding(), "retry_rate"), false}};
  incident.severity = core::Severity::critical;
  incident.event.incident_id = incident.id;
  incident.event.version = 3;
  incident.told = {"finops", "oncall"};
  incident.open = false;
  incident.dismissed = true;
  incident.parts[1].alone = {kOnset, core::from_usd(3)};
  const std::string bytes = encode_incident(incident);
  const auto back = decode_incident(bytes);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(encode_incident(*back), bytes);
  EXPECT_EQ(back->parts.at(1).finding.detector, "retry_rate");
  EXPECT_TRUE(back->parts.at(0).recovered);
  EXPECT_EQ(back->told, incident.told);
  EXPECT_EQ(back->event.version, 3);
  EXPECT_FALSE(back->open);
  EXPECT_TRUE(back->dismissed);
  EXPECT_FALSE(back->parts.at(0).alone);
  EXPECT_EQ(back->parts.at(1).alone->excess, core::from_usd(3));
}

TEST(IncidentRecordTest, OfVersion5IsRead) {
  Incident incident;
  incident.series = prompt_finding().series;
  const std::string bytes = encode_incident(incident);
  const auto back = decode_incident("\5" + bytes.substr(1, bytes.size() - 2));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(back->series, incident.series);
  EXPECT_FALSE(back->dismissed);
}

TEST(IncidentRecordTest, DamagedBytesAreAnErrorThatSaysSo) {
  Incident incident;
  incident.parts = {{prompt_finding(), false}};
  const std::string bytes = encode_incident(incident);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_incident(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_incident(bytes + "x"));
  const auto newer = decode_incident("\x63" + bytes.substr(1));
  ASSERT_FALSE(newer);
  EXPECT_NE(newer.error().message.find("written by a newer costdrift, or the state directory is damaged"),
            std::string::npos);
}

}  // namespace
}  // namespace costdrift::daemon
