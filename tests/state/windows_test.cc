#include "state/windows.h"

#include <algorithm>

#include "tests/state/windows_harness.h"

namespace costdrift::state {
namespace {

using testing::call_at;
using testing::dump_text;
using testing::Harness;
using testing::kMonday;
using testing::OwnedEvent;
using testing::series;
using testing::test_metrics;

// Traffic of a few apps and runs, in order of time; `seed` decides what happens, not in which order.
std::vector<OwnedEvent> traffic(unsigned seed, core::EventTime from, int events, core::Duration span) {
  std::mt19937 random(seed);
  std::vector<OwnedEvent> made;
  for (int i = 0; i < events; ++i) {
    OwnedEvent event = call_at(from + core::Duration{static_cast<std::int64_t>(random() % span.us)},
                               static_cast<std::int64_t>(random() % 5000), static_cast<std::int64_t>(random() % 50));
    event.app = std::string(1, static_cast<char>('a' + random() % 4));
    event.model = random() % 3 == 0 ? "gpt-4o" : "haiku";
    event.team = random() % 2 == 0 ? "" : "team" + std::to_string(random() % 100);
    event.event.retries = random() % 10 == 0 ? 1 : 0;
    event.event.attempts = 1 + event.event.retries;
    if (random() % 2 == 0) event.event.cache_read_tokens = 10;
    if (random() % 2 == 0) {
      event.run_id = "run" + std::to_string(random() % 30);
      if (random() % 3 == 0) event.event.step = 1 + static_cast<std::int64_t>(random() % 12);
      event.event.run_end = random() % 9 == 0;
    }
    event.offset = i;
    made.push_back(event);
  }
  std::sort(made.begin(), made.end(), [](const auto& a, const auto& b) { return a.event.ts < b.event.ts; });
  return made;
}

constexpr core::Duration kLateness = core::seconds(30);

// Plays events whose order is disturbed by at most the lateness, with restarts at random places (restart_odds: one in
// so many events; 0: none), and returns everything that was decided and what is in the state at the end.
std::string play(std::vector<OwnedEvent> events, unsigned shuffle_seed, unsigned restart_odds, WindowOptions options) {
  std::mt19937 random(shuffle_seed);
  std::vector<std::pair<std::int64_t, std::size_t>> arrival;
  for (std::size_t i = 0; i < events.size(); ++i)
    arrival.emplace_back(events[i].event.ts.us + static_cast<std::int64_t>(random() % kLateness.us), i);
  std::sort(arrival.begin(), arrival.end());
  Harness harness(options);
  core::EventTime newest = core::EventTime::min();
  for (const auto& [when, i] : arrival) {
    harness.add(events[i]);
    newest = std::max(newest, events[i].event.ts);
    harness.close(newest - kLateness);
    if (restart_odds > 0 && random() % restart_odds == 0) harness.restart();
  }
  harness.close(events.back().event.ts + core::seconds(5));
  harness.windows->save();
  EXPECT_TRUE(harness.store->commit());
  return harness.closed + dump_text(*harness.store);
}

TEST(WindowsTest, NeitherArrivalOrderNorRestartsShow) {
  const WindowOptions options{.run_timeout = core::seconds(45)};
  const auto events = traffic(1, kMonday + core::hours(23) + core::minutes(57), 1500, core::minutes(6));
  const std::string expected = play(events, 0, 0, options);
  EXPECT_NE(expected.find("days 2026-03-02"), std::string::npos);
  EXPECT_NE(expected.find("hours 2026-03-02T23"), std::string::npos);
  for (unsigned seed = 1; seed <= 2; ++seed) {
    EXPECT_EQ(play(events, seed, 0, options), expected) << seed;
    EXPECT_EQ(play(events, seed, 150, options), expected) << seed;
  }
}

TEST(WindowsTest, WhoGetsAPlaceDoesNotDependOnArrivalOrder) {
  const WindowOptions options{.max_series = 5};
  auto events = traffic(2, kMonday, 1500, core::minutes(3));
  for (OwnedEvent& event : events) event.app += std::to_string(event.offset % 50);
  const std::string expected = play(events, 0, 0, options);
  EXPECT_NE(expected.find("app=__other__,model=__other__"), std::string::npos);
  for (unsigned seed = 1; seed <= 2; ++seed) EXPECT_EQ(play(events, seed, 150, options), expected) << seed;
}

TEST(WindowsTest, SeriesBeyondTheLimitAreCountedExactlyTogether) {
  Harness harness({.max_series = 10});
  core::NanoUsd sum;
  for (int i = 0; i < 500; ++i) {
    OwnedEvent event = call_at(kMonday + core::seconds(i / 50), 1, 1 + i);
    event.app = "app" + std::to_string(i % 100);
    sum += event.event.cost;
    harness.add(event);
  }
  harness.close(kMonday + core::minutes(1));
  EXPECT_EQ(harness.windows->series_count(), 10);
  core::NanoUsd seen;
  std::int64_t places = 0;
  for (int i = 0; i < 100; ++i) {
    const auto history = harness.windows->history(series("app" + std::to_string(i)));
    const core::Totals totals = history->sum(kMonday, kMonday + core::hours(1)).totals;
    seen += totals.cost;
    places += totals.calls > 0;
  }
  EXPECT_EQ(places, 10);
  seen +=
      harness.windows->history(series("__other__", "__other__"))->sum(kMonday, kMonday + core::hours(1)).totals.cost;
  EXPECT_EQ(seen, sum);
}

TEST(WindowsTest, ClosesInOrderOfTimeThenText) {
  Harness harness;
  for (const char* app : {"b", "c", "a"})
    for (const int second : {7, 2, 12}) {
      OwnedEvent event = call_at(kMonday + core::seconds(second));
      event.app = app;
      harness.add(event);
    }
  harness.close(kMonday + core::seconds(10));
  std::string order;
  for (std::size_t at = 0; (at = harness.closed.find("app=", at)) != std::string::npos; ++at)
    order += harness.closed[at + 4];
  EXPECT_EQ(order, "abcabc");
  EXPECT_EQ(harness.windows->closed_until(), kMonday + core::seconds(10));
  EXPECT_EQ(harness.windows->open_bucket_count(), 3);
}

TEST(WindowsTest, TotalsFollowTheirRules) {
  Harness harness;
  OwnedEvent event = call_at(kMonday, 1000, 90);
  event.event.attempts = 3;
  event.event.retries = 2;
  event.event.cacheable_cost = {7};
  event.event.status = core::CallStatus::cancelled;
  harness.add(event);
  event.event.cache_read_tokens = 400;
  event.event.cost_source = core::CostSource::unknown;
  event.run_id = "r";
  harness.add(event);
  harness.close(kMonday + core::minutes(1));
  const core::Totals totals = harness.windows->history(series("desk"))->sum(kMonday, kMonday + core::minutes(1)).totals;
  EXPECT_EQ(totals.calls, 2);
  EXPECT_EQ(totals.errors, 2);
  EXPECT_EQ(totals.retries, 4);
  EXPECT_EQ(totals.retry_cost.nano, 120);
  EXPECT_EQ(totals.cache_eligible_tokens, 1000);
  EXPECT_EQ(totals.cache_read_tokens, 400);
  EXPECT_EQ(totals.cacheable_cost.nano, 7);
  EXPECT_EQ(totals.run_calls, 1);
  EXPECT_EQ(totals.run_cost.nano, 90);
  EXPECT_EQ(totals.unpriced_calls, 1);
}

TEST(WindowsTest, ManyCallsInOneBucketAreCountedLikeFew) {
  Harness harness;
  std::map<int, core::Weight> expected;
  for (int i = 0; i < 9000; ++i) {
    OwnedEvent event = call_at(kMonday, i * i % 777);
    event.team = "team" + std::to_string(i % 300);
    expected[i * i % 777] += core::kOneCall;
    harness.add(event);
    if (i % 2500 == 100) harness.restart();
  }
  harness.close(kMonday + core::seconds(5));
  std::map<int, core::Weight> seen;
  const core::BucketSummary& summary = harness.summaries.at(0);
  for (const core::BinCount& count : summary.counts("tokens")) seen[count.bin] = count.weight;
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(summary.counts("attempts"), (core::Counts{{0, 9000 * core::kOneCall}}));
  ASSERT_EQ(summary.attributes.size(), core::kMaxAttributeSets + 1);
  EXPECT_EQ(summary.attributes.at({}).calls, 9000 - 30 * static_cast<std::int64_t>(core::kMaxAttributeSets));
}

TEST(WindowsTest, AnotherBucketLengthIsRefused) {
  Harness harness;
  harness.add(call_at(kMonday));
  harness.close(kMonday + core::minutes(1));
  harness.restart();
  Windows other(*harness.store, test_metrics(), {.bucket = core::seconds(10)});
  const auto loaded = other.load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, core::ErrorCode::config);
  EXPECT_NE(loaded.error().message.find("buckets of 5s"), std::string::npos) << loaded.error().message;
}

TEST(WindowsTest, TheLedgerIsTheSumOfTheEvents) {
  const auto events = traffic(5, kMonday + core::hours(23) + core::minutes(58), 2000, core::minutes(4));
  Harness harness({.max_series = 3});
  core::NanoUsd sum;
  std::int64_t late = 0;
  core::EventTime newest = core::EventTime::min();
  std::mt19937 random(1);
  for (std::size_t i = 0; i < events.size(); ++i) {
    OwnedEvent event = events[i];
    if (random() % 20 == 0) event.event.ts = event.event.ts - core::minutes(2);
    sum += event.event.cost;
    if (event.event.ts < harness.windows->closed_until()) {
      harness.windows->add_late(event.view(), core::DroppedEvent::late, newest);
      ++late;
    } else {
      harness.add(event);
    }
    newest = std::max(newest, event.event.ts);
    harness.close(newest - core::seconds(10));
    if (random() % 200 == 0) harness.restart();
  }
  harness.close(newest + core::minutes(1));
  harness.windows->save();
  EXPECT_GT(late, 10);
  const std::string dump = dump_text(*harness.store);
  core::NanoUsd ledger;
  std::int64_t ledger_late = 0, rows = 0;
  for (std::size_t at = 0; (at = dump.find("\nledger ", at)) != std::string::npos; ++at, ++rows) {
    const std::size_t cost = dump.find(" cost=", at), late_calls = dump.find(" late_calls=", at);
    ledger += core::from_usd(std::stod(dump.substr(cost + 6)));
    ledger_late += std::stoll(dump.substr(late_calls + 12));
  }
  EXPECT_GE(rows, 8);  // 3 series and the rest, two days
  EXPECT_EQ(ledger, sum);
  EXPECT_EQ(ledger_late, late);
}

}  // namespace
}  // namespace costdrift::state
