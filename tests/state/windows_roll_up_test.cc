// Roll-ups are the sums of their series, minute by minute, whatever the order of arrival and the restarts.
#include "state/series_dictionary.h"
#include "tests/state/windows_harness.h"

namespace costdrift::state {
namespace {

using core::Dimension;
using core::SeriesKind;
using testing::call_at;
using testing::Harness;
using testing::kMonday;
using testing::OwnedEvent;

OwnedEvent call(int i, const std::string& app, const std::string& model, const std::string& team) {
  OwnedEvent event = call_at(kMonday + core::seconds(7 * i), i % 9, 100 + i);
  event.app = app;
  event.model = model;
  event.team = team;
  event.offset = i;
  return event;
}

std::vector<OwnedEvent> mixed_calls() {
  std::vector<OwnedEvent> events;
  for (int i = 0; i < 300; ++i)
    events.push_back(call(i, i % 3 == 0 ? "desk" : "search", i % 2 == 0 ? "large" : "small", i % 5 == 0 ? "" : "cx"));
  return events;
}

// A minute is rolled up when a later bucket closes.
void finish(Harness& harness) {
  harness.add(call(600, "later", "later", ""));
  harness.close(kMonday + core::hours(2));
}

core::BucketSummary sum_of(const Harness& harness, SeriesKind kind, std::string_view value) {
  return harness.windows->history(roll_up_key(kind, value))->sum(kMonday, kMonday + core::hours(1));
}

TEST(WindowsRollUpTest, AppsModelsAndTheWholeAreMergesOfTheirSeries) {
  Harness harness;
  core::NanoUsd desk, small, all;
  for (const OwnedEvent& event : mixed_calls()) {
    harness.add(event);
    all += event.event.cost;
    if (event.app == "desk") desk += event.event.cost;
    if (event.model == "small") small += event.event.cost;
  }
  finish(harness);
  EXPECT_EQ(sum_of(harness, SeriesKind::app, "desk").totals.cost, desk);
  EXPECT_EQ(sum_of(harness, SeriesKind::model, "small").totals.cost, small);
  const core::BucketSummary whole = sum_of(harness, SeriesKind::all, "");
  EXPECT_EQ(whole.totals.cost, all);
  EXPECT_EQ(core::total_calls(whole.counts("tokens")), 300);
  EXPECT_EQ(whole.samples.size(), core::kMaxSamples);
}

TEST(WindowsRollUpTest, ATeamHasWhatItsAttributeSetsCount) {
  Harness harness;
  core::AttributeTotals cx, none;
  for (const OwnedEvent& event : mixed_calls()) {
    harness.add(event);
    (event.team.empty() ? none : cx).calls += 1;
    (event.team.empty() ? none : cx).cost += event.event.cost;
  }
  finish(harness);
  const core::BucketSummary team = sum_of(harness, SeriesKind::team, "cx");
  EXPECT_EQ(team.totals.calls, cx.calls);
  EXPECT_EQ(team.totals.cost, cx.cost);
  EXPECT_EQ(team.attributes.at({{Dimension::team, "cx"}}).calls, cx.calls);
  EXPECT_EQ(sum_of(harness, SeriesKind::team, "").totals.cost, none.cost);
  EXPECT_EQ(sum_of(harness, SeriesKind::provider, "").totals.calls, 300);
}

TEST(WindowsRollUpTest, TheWholeAndATeamTellWhatTheirAppsAmountTo) {
  Harness harness;
  std::map<std::string, core::AttributeTotals> all, cx;
  for (const OwnedEvent& event : mixed_calls()) {
    harness.add(event);
    all[event.app].cost += event.event.cost;
    if (event.team == "cx") cx[event.app].cost += event.event.cost;
  }
  finish(harness);
  harness.restart();
  const auto by_app = [&](SeriesKind kind, std::string_view value) {
    std::map<std::string, core::AttributeTotals> costs;
    const auto history = harness.windows->history(roll_up_key(kind, value));
    for (const auto& [app, totals] : history->by_app(kMonday, kMonday + core::hours(1))) costs[app].cost = totals.cost;
    return costs;
  };
  EXPECT_EQ(by_app(SeriesKind::all, ""), all);
  EXPECT_EQ(by_app(SeriesKind::team, "cx"), cx);
  EXPECT_TRUE(by_app(SeriesKind::model, "large").empty());
  EXPECT_TRUE(by_app(SeriesKind::team, "nobody").empty());
}

TEST(WindowsRollUpTest, TeamsAreExactWhenTheMinuteHasTooManySets) {
  Harness harness;
  for (int i = 0; i < 600; ++i) {
    OwnedEvent event = call_at(kMonday + core::Duration{100'000 * i}, 1, 10);
    event.team = "team" + std::to_string(i / 2);
    harness.add(event);
  }
  finish(harness);
  for (const int team : {0, 1, 150, 299}) {
    const core::BucketSummary sum = sum_of(harness, SeriesKind::team, "team" + std::to_string(team));
    EXPECT_EQ(sum.totals.calls, 2) << team;
    std::int64_t in_sets = 0;
    for (const auto& [set, totals] : sum.attributes) in_sets += totals.calls;
    EXPECT_EQ(in_sets, 2) << team;
  }
}

TEST(WindowsRollUpTest, ARollUpIsHandedOverWithItsParts) {
  Harness harness;
  for (const OwnedEvent& event : mixed_calls()) harness.add(event);
  harness.add(call(600, "later", "later", ""));
  std::map<std::string, std::vector<std::string>> parts;
  core::Totals whole, summed;
  harness.windows->close_until(
      kMonday + core::hours(2),
      [&](const core::SeriesKey& series, const core::ClosedBucket& bucket) {
        if (series.kind() == SeriesKind::app_model) return;
        EXPECT_EQ(bucket.end - bucket.start, core::minutes(1));
        auto& names = parts[series.text()];
        names.clear();
        for (const core::SeriesPart& part : bucket.parts) names.push_back(part.series->text());
        if (series.kind() != SeriesKind::all) return;
        whole.add(bucket.summary->totals);
        for (const core::SeriesPart& part : bucket.parts) summed.add(part.summary->totals);
      },
      [](core::EventTime) {});
  EXPECT_EQ(whole, summed);
  EXPECT_EQ(parts["app=desk"], (std::vector<std::string>{"app=desk,model=large", "app=desk,model=small"}));
  EXPECT_EQ(parts["model=small"], (std::vector<std::string>{"app=desk,model=small", "app=search,model=small"}));
  EXPECT_EQ(parts[""].size(), 4U);
  EXPECT_TRUE(parts.contains("team=cx") && parts["team=cx"].empty());
}

TEST(WindowsRollUpTest, AMinuteIsRolledUpOnceThoughTheProgramRestartsInIt) {
  std::string expected;
  for (const bool restarts : {false, true}) {
    Harness harness;
    for (const OwnedEvent& event : mixed_calls()) {
      harness.add(event);
      harness.close(event.event.ts - core::seconds(15));
      if (restarts && event.offset % 4 == 0) harness.restart();
    }
    finish(harness);
    if (!restarts) expected = harness.closed;
    EXPECT_EQ(harness.closed, expected);
  }
}

TEST(WindowsRollUpTest, TeamsBeyondTheLimitAreCountedTogether) {
  Harness harness({.max_series = 1});
  for (int i = 0; i < 1500; ++i) {
    OwnedEvent event = call_at(kMonday + core::seconds(i / 5), 1, 10);
    event.team = "team" + std::to_string(i);
    harness.add(event);
  }
  finish(harness);
  EXPECT_GT(sum_of(harness, SeriesKind::team, "__other__").totals.calls, 400);
  EXPECT_EQ(sum_of(harness, SeriesKind::all, "").totals.calls, 1500);
}

}  // namespace
}  // namespace costdrift::state
