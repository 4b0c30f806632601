// Scorecards, comparisons and reviews of incidents that are made up.
#include "replay/scorecard.h"

#include <gtest/gtest.h>

#include <sstream>

#include "daemon/catalogue.h"
#include "replay/comparison.h"
#include "replay/review.h"
#include "tests/replay/told_support.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace costdrift::replay {
namespace {

using core::Severity;
using test_support::at;
using test_support::later_version;
using test_support::told;

config::Settings settings() {
  auto parsed = config::parse_settings(
      "kafka: {brokers: b:1, topics: [{name: t}]}\nstate: {path: /tmp/none}\n"
      "sinks: {finops: {type: console}, oncall: {type: console}}\n"
      "routes:\n  - {when: {severity: critical}, send: [oncall, finops]}\n  - {send: [finops]}\n",
      "test", daemon::catalogue());
  EXPECT_TRUE(parsed) << parsed.error().message;
  return *parsed;
}

const std::vector<IncidentLabel> kLabels = {
    {.from = at(14), .to = at(18), .match = {{core::Dimension::app, "desk"}}},
    {.from = at(20), .to = at(22), .match = {{core::Dimension::app, "shop"}}},
    {.from = at(20), .to = at(22), .match = {{core::Dimension::app, "batch"}}},
};

class ScorecardTest : public ::testing::Test {
 protected:
  Scorecard score_of(const std::vector<IncidentLabel>& labels) {
    MissWatch misses(labels);
    return score(labels, told_.all(), misses, settings(), at(0), at(7 * 24));
  }
  ToldIncidents told_;
};

TEST_F(ScorecardTest, FoundMissedFalseAndDuplicate) {
  const auto ticket = told("a", "desk", at(14, 20), Severity::info, 4);
  told_.add(ticket);
  told_.add(later_version(ticket, at(14, 38), Severity::critical, 12));
  told_.add(later_version(ticket, at(17), Severity::critical, 60));
  told_.add(told("b", "desk", at(15)));                         // duplicate
  told_.add(told("c", "other", at(15)));                        // false
  told_.add(told("d", "shop", at(20, 30), Severity::info, 3));  // a ticket only
  const Scorecard card = score_of(kLabels);
  EXPECT_EQ(card.real_labels, 3);
  EXPECT_EQ(card.found, 1);
  EXPECT_EQ(card.missed, 2);
  EXPECT_EQ(card.false_pages, 1);
  EXPECT_EQ(card.duplicates, 1);
  EXPECT_EQ(card.pages, 3);
  EXPECT_EQ(card.tickets, 1);
  EXPECT_DOUBLE_EQ(card.pages_per_week(), 3);
  EXPECT_EQ(card.labels[0].delay, core::minutes(38));
  EXPECT_DOUBLE_EQ(*card.labels[0].usd_before, 12);
  EXPECT_DOUBLE_EQ(*card.labels[0].usd_after, 48);
  EXPECT_EQ(card.labels[1].reason,
            "told as a ticket by prompt_growth: $3.00 lost is under the money gate of the series, which often shows "
            "new shapes");
  EXPECT_EQ(card.labels[2].reason, "no calls of app batch in this time");
  EXPECT_EQ(card.pages_by_route, (std::map<std::string, std::int64_t>{{"finops", 2}, {"oncall, finops", 1}}));
  EXPECT_EQ(card.pages_by_hour[14], 1);
  EXPECT_EQ(card.pages_by_hour[15], 2);
  EXPECT_EQ(card.incidents[3].verdict, Verdict::ticket);
}

TEST_F(ScorecardTest, WhatADeclaredChangeAnnouncedIsNoPageAndSaysSo) {
  auto event = told("a", "desk", at(14, 20), Severity::info, 40);
  event.status = core::AlertStatus::resolved;
  event.resolved_at = event.detected_at;
  event.reason = "expected of the declared deploy \"v7\": the present is learned as normal";
  told_.add(event);
  const Scorecard card = score_of({kLabels[0]});
  EXPECT_EQ(card.pages, 0);
  EXPECT_EQ(card.labels[0].reason, event.reason);
}

TEST_F(ScorecardTest, WithoutLabelsNothingIsFalse) {
  told_.add(told("a", "desk", at(14)));
  const Scorecard card = score_of({});
  EXPECT_EQ(card.false_pages, 0);
  EXPECT_EQ(card.incidents[0].verdict, Verdict::unjudged);
}

TEST_F(ScorecardTest, AMutedPageIsNone) {
  const auto event = told("a", "desk", at(14, 20));
  told_.add(event);
  told_.on_muted(event, daemon::Muted::silenced);
  const std::vector<IncidentLabel> labels = {kLabels[0]};
  MissWatch misses(labels);
  misses.on_muted(event, daemon::Muted::silenced);
  const Scorecard card = score(labels, told_.all(), misses, settings(), at(0), at(24));
  EXPECT_EQ(card.pages, 0);
  EXPECT_EQ(card.incidents[0].verdict, Verdict::muted);
  EXPECT_EQ(card.labels[0].reason, "silenced");
  told_.add(later_version(event, at(16), Severity::warning, 30));  // the silence is over
  EXPECT_EQ(score_of(labels).labels[0].delay, core::hours(2));
}

core::ClosedBucket bucket(core::EventTime start, const core::BucketSummary& summary) {
  return {.start = start, .end = start + core::seconds(5), .summary = &summary};
}

TEST(MissWatchTest, GivesTheStrongestReason) {
  const std::vector<IncidentLabel> labels = {kLabels[0]};
  const config::PageSettings pages;
  const auto series = told("a", "desk", at(14)).series;
  core::BucketSummary summary;
  summary.totals.calls = 3;
  MissWatch misses(labels);
  misses.on_bucket(series, bucket(at(13), summary), {});
  EXPECT_EQ(misses.reason(0, pages), "no calls of app desk in this time");
  misses.on_bucket(series, bucket(at(14), summary), {});
  EXPECT_EQ(misses.reason(0, pages), "no detector weighs these calls");
  daemon::JudgeStanding standing{"prompt_growth", {.learning = true, .log10_evidence = 9, .log10_needed = 5.2}};
  misses.on_bucket(series, bucket(at(15), summary), {&standing, 1});
  EXPECT_EQ(misses.reason(0, pages), "quarantined: the series was still learning what is normal");
  standing.standing = {.log10_evidence = 3.14, .log10_needed = 5.2};
  misses.on_bucket(series, bucket(at(16), summary), {&standing, 1});
  standing.standing.log10_evidence = 1;
  misses.on_bucket(series, bucket(at(17), summary), {&standing, 1});
  EXPECT_EQ(misses.reason(0, pages), "evidence reached 3.1 of 5.2 (prompt_growth, desk / gpt-4o)");
  core::Finding finding;
  finding.detector = "prompt_growth";
  finding.series = series;
  finding.evaluated_at = at(16);
  finding.effect = 0.06;
  misses.on_withheld(finding, daemon::Withheld::immaterial);
  EXPECT_EQ(misses.reason(0, pages), "effect +6 % is under min_effect 10 % (prompt_growth, desk / gpt-4o)");
  misses.on_muted(told("a", "desk", at(16)), daemon::Muted::silenced);
  EXPECT_EQ(misses.reason(0, pages), "silenced");
}

TEST(MissWatchTest, SpeaksOfTheDetectorAndTheTimeThatAreMeant) {
  IncidentLabel retries = kLabels[0], any = kLabels[0];
  retries.kind = "retry_rate";
  any.kind.clear();
  const std::vector<IncidentLabel> labels = {retries, any};
  const config::PageSettings pages;
  const auto series = told("a", "desk", at(14)).series;
  core::BucketSummary summary;
  summary.totals.calls = 3;
  MissWatch misses(labels);
  const daemon::JudgeStanding standing{"retry_rate", {.log10_evidence = 2, .log10_needed = 5}};
  misses.on_bucket(series, bucket(at(15), summary), {&standing, 1});
  core::Finding finding;
  finding.detector = "prompt_growth";
  finding.series = series;
  finding.evaluated_at = at(16);
  finding.onset = at(15);
  finding.effect = 0.06;
  misses.on_withheld(finding, daemon::Withheld::immaterial);
  finding.onset = at(2);
  finding.effect = 0.5;
  misses.on_withheld(finding, daemon::Withheld::echo);
  EXPECT_EQ(misses.reason(0, pages), "evidence reached 2.0 of 5.0 (retry_rate, desk / gpt-4o)");
  EXPECT_EQ(misses.reason(1, pages), "effect +6 % is under min_effect 10 % (prompt_growth, desk / gpt-4o)");
}

TEST_F(ScorecardTest, WhatAPageForTheWholeTellsOfIsFoundByThatPage) {
  auto whole = told("w", "", at(14, 10), Severity::warning, 5);
  whole.series = core::SeriesKey();
  whole.labels = {};
  told_.add(whole);
  auto part = told("a", "desk", at(14, 20), Severity::info, 4);
  part.told_by = {"w", whole.series};
  told_.add(part);
  const std::vector<IncidentLabel> labels = {kLabels[0]};
  const auto card = score_of(labels);
  EXPECT_EQ(card.labels[0].incident, 1U);
  EXPECT_EQ(card.labels[0].delay, core::minutes(20));
  EXPECT_EQ(card.incidents[0].verdict, Verdict::hit);
  EXPECT_EQ(card.incidents[1].verdict, Verdict::along);
  EXPECT_EQ(card.missed + card.false_pages + card.duplicates, 0);
}

TEST_F(ScorecardTest, WhatIsToldAlongWithAPageThatMeansAnotherLabelIsFound) {
  told_.add(told("p", "shop", at(20, 10), Severity::warning, 5));
  auto other = told("a", "batch", at(20, 20), Severity::info, 4);
  other.told_by = {"p", core::SeriesKey::of({{core::Dimension::app, "shop"}})};
  told_.add(other);
  const auto card = score_of(kLabels);
  EXPECT_EQ(card.labels[1].incident, 0U);
  EXPECT_EQ(card.labels[2].incident, 1U);
  EXPECT_EQ(card.labels[2].delay, core::minutes(20));
  EXPECT_EQ(card.incidents[1].verdict, Verdict::along);
  EXPECT_EQ(card.found, 2);
}

TEST(MissWatchTest, HearsWhatJudgesAWholeAppAndCountsItsCallsOnce) {
  IncidentLabel label = kLabels[0];
  label.kind = "spend";
  const std::vector<IncidentLabel> labels = {label};
  const auto app = core::SeriesKey::of({{core::Dimension::app, "desk"}});
  core::BucketSummary summary;
  summary.totals.calls = 3;
  summary.totals.cost = core::from_usd(2);
  MissWatch misses(labels);
  const daemon::JudgeStanding standing{"spend", {.log10_evidence = 2, .log10_needed = 5}};
  misses.on_bucket(told("a", "desk", at(14)).series, bucket(at(15), summary), {});
  misses.on_bucket(app, bucket(at(15), summary), {&standing, 1});
  EXPECT_EQ(misses.reason(0, {}), "evidence reached 2.0 of 5.0 (spend, desk)");
  EXPECT_EQ(misses.spent(0), core::from_usd(2));
}

ReplayOutcome outcome(const std::vector<core::AlertEvent>& events) {
  ToldIncidents all;
  for (const auto& event : events) all.add(event);
  return {"x.yaml", all.all(), {}};
}

TEST(ComparisonTest, TellsWhatIsOnlyInOneEarlierLaterWorse) {
  const auto a = outcome({told("1", "desk", at(1)), told("2", "shop", at(2)), told("3", "batch", at(3)),
                          told("4", "web", at(4), Severity::info), told("5", "mail", at(5))});
  const auto b = outcome({told("1", "desk", at(1)), told("2b", "shop", at(2, 30), Severity::warning, 25),
                          told("3", "batch", at(2, 50), Severity::warning, 4), told("4", "web", at(4)),
                          told("6", "new", at(6), Severity::warning, 99)});
  const Comparison comparison = compare(a, b);
  std::vector<Change> changes;
  for (const auto& item : comparison.incidents) changes.push_back(item.change);
  EXPECT_EQ(changes, (std::vector<Change>{Change::same, Change::later, Change::earlier, Change::worse, Change::only_a,
                                          Change::only_b}));
  EXPECT_EQ(comparison.pages_a, 4);
  EXPECT_EQ(comparison.pages_b, 5);
  EXPECT_DOUBLE_EQ(comparison.usd_only_a, 10);
  EXPECT_DOUBLE_EQ(comparison.usd_only_b, 109);
  EXPECT_DOUBLE_EQ(comparison.usd_later, 9);
  EXPECT_EQ(comparison.verdict,
            "B pages 5 times where A pages 4 times (0.0 instead of 0.0 a week); it does not page for $10 that A pages "
            "for; it pages for $109 that A does not page for; where both page, $9.00 more is lost before B's page.");
  EXPECT_EQ(compare(a, a).verdict, "B tells exactly what A tells: 4 times paged.");
}

TEST(ReviewTest, AsksOnlyWhatIsNotLabelledAndWritesAnswers) {
  ToldIncidents all;
  for (const auto& [id, app] : std::vector<std::pair<std::string, std::string>>{
           {"1", "desk"}, {"2", "shop"}, {"3", "batch"}, {"4", "web"}, {"5", "mail"}}) {
    all.add(told(id, app, at(15)));
  }
  std::istringstream answers("\nwhat\ny\nn\ns\n");
  std::ostringstream out;
  const auto labels = review(all.all(), {kLabels[0]}, answers, out);
  ASSERT_EQ(labels.size(), 2U) << out.str();
  EXPECT_EQ(
      to_json(labels[0]),
      R"({"from":"2026-03-02T14:50:00Z","to":"2026-03-02T15:00:00Z","match":{"app":"shop","model":"gpt-4o"},"kind":"prompt_growth","note":"reviewed"})");
  EXPECT_FALSE(labels[1].real);
  EXPECT_NE(out.str().find("4 incidents to review, 1 labelled before"), std::string::npos);
  const tests::TempDir directory;
  ASSERT_TRUE(append_labels(directory.file("l.jsonl"), {labels[0]}));
  ASSERT_TRUE(append_labels(directory.file("l.jsonl"), {labels[1]}));
  const auto read = read_labels(directory.file("l.jsonl"));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, labels);
}

TEST(ReviewTest, AddsLinesAndNothingElse) {
  const tests::TempDir directory;
  const std::string line = to_json(kLabels[0]);
  for (const std::string& before : {std::string(), line, line + "\n"}) {
    const std::string path = directory.write("l.jsonl", before);
    ASSERT_TRUE(append_labels(path, {}));
    EXPECT_EQ(tests::read_file(path), before);
    ASSERT_TRUE(append_labels(path, {kLabels[0]}));
    EXPECT_EQ(tests::read_file(path), (before.empty() ? "" : line + "\n") + line + "\n");
  }
  const std::string path = directory.file("new.jsonl");
  ASSERT_TRUE(append_labels(path, {kLabels[0]}));
  EXPECT_EQ(tests::read_file(path), line + "\n");
  const std::string array = directory.write("l.json", " [" + line + "]\n");
  EXPECT_EQ(append_labels(array, {kLabels[0]}).error().code, core::ErrorCode::usage);
  EXPECT_EQ(tests::read_file(array), " [" + line + "]\n");
}

}  // namespace
}  // namespace costdrift::replay
