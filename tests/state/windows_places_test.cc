// Who has a place when there are more series than places: a flood of cheap ids does not keep out who spends.
#include <algorithm>

#include "tests/state/windows_harness.h"

namespace costdrift::state {
namespace {

using testing::call_at;
using testing::dump_text;
using testing::Harness;
using testing::kMonday;
using testing::OwnedEvent;

constexpr std::int64_t kCent = 10'000'000;

OwnedEvent call_of(const std::string& app, core::EventTime ts, std::int64_t nano) {
  OwnedEvent event = call_at(ts, 1, nano);
  event.app = app;
  return event;
}

// Six hours of calls of a cent, one every ten seconds and each of an application of its own; from `spender_from` on,
// one more every ten seconds, of "zz-spender".
std::vector<OwnedEvent> flood(core::Duration spender_from, std::int64_t spender_nano) {
  std::vector<OwnedEvent> events;
  for (int i = 0; i < 6 * 360; ++i) {
    const core::EventTime ts = kMonday + core::seconds(10 * i);
    events.push_back(call_of("id" + std::to_string(i), ts, kCent));
    if (ts >= kMonday + spender_from) events.push_back(call_of("zz-spender", ts + core::seconds(2), spender_nano));
  }
  for (std::size_t i = 0; i < events.size(); ++i) events[i].offset = static_cast<std::int64_t>(i);
  return events;
}

// Plays events that arrive up to `disorder` late, with restarts (one event in restart_odds; 0: none).
std::unique_ptr<Harness> play(const std::vector<OwnedEvent>& events, core::Duration disorder, unsigned seed,
                              unsigned restart_odds, std::int64_t max_series = 20) {
  std::mt19937 random(seed);
  std::vector<std::pair<std::int64_t, std::size_t>> arrival;
  for (std::size_t i = 0; i < events.size(); ++i)
    arrival.emplace_back(events[i].event.ts.us + static_cast<std::int64_t>(random() % disorder.us), i);
  std::sort(arrival.begin(), arrival.end());
  auto harness = std::make_unique<Harness>(WindowOptions{.max_series = max_series});
  core::EventTime newest = core::EventTime::min();
  for (const auto& [when, i] : arrival) {
    harness->add(events[i]);
    newest = std::max(newest, events[i].event.ts);
    harness->close(newest - disorder);
    if (restart_odds > 0 && random() % restart_odds == 0) harness->restart();
  }
  harness->close(newest + core::hours(1));
  harness->windows->save();
  EXPECT_TRUE(harness->store->commit());
  return harness;
}

std::int64_t calls_told_apart(const Harness& harness, int hour) {
  const core::EventTime from = kMonday + core::hours(hour);
  return harness.sum("zz-spender", from, from + core::hours(1)).totals.calls;
}

TEST(WindowsPlaces, WhoHasHalfOfTheSpendIsToldApartAfterItsFirstWholeHour) {
  const auto harness = play(flood(core::hours(1), kCent), core::seconds(30), 1, 0);
  EXPECT_EQ(calls_told_apart(*harness, 1), 0);
  EXPECT_EQ(calls_told_apart(*harness, 2), 0) << "the hour before may be open still";
  EXPECT_EQ(calls_told_apart(*harness, 3), 360);
  EXPECT_EQ(calls_told_apart(*harness, 4), 360);
  EXPECT_EQ(harness->windows->series_count(), 21);
}

TEST(WindowsPlaces, WhoHasLessThanAPercentIsNot) {
  const auto harness = play(flood(core::hours(1), kCent / 200), core::seconds(30), 1, 0);
  EXPECT_EQ(calls_told_apart(*harness, 5), 0);
  EXPECT_EQ(harness->windows->series_count(), 20);
}

TEST(WindowsPlaces, ABatchOfOnceADayIsToldApartTheNextTime) {
  Harness harness({.max_series = 20});
  for (int hour = 0; hour < 25; ++hour) {
    for (int i = 0; i < 30; ++i)
      harness.add(call_of("id" + std::to_string(30 * hour + i), kMonday + core::hours(hour), kCent));
    if (hour % 23 == 1) harness.add(call_of("zz-batch", kMonday + core::hours(hour), 100 * kCent));
    harness.close(kMonday + core::hours(hour));
  }
  harness.close(kMonday + core::hours(26));
  const auto history = harness.windows->history(testing::series("zz-batch"));
  EXPECT_EQ(history->sum(kMonday, kMonday + core::hours(2)).totals.calls, 0);
  EXPECT_EQ(history->sum(kMonday + core::hours(24), kMonday + core::hours(25)).totals.calls, 1);
}

TEST(WindowsPlaces, TheTotalsStayExact) {
  const auto events = flood(core::hours(1), kCent);
  const auto harness = play(events, core::seconds(30), 1, 0);
  const core::EventTime from = kMonday, to = kMonday + core::hours(5);
  const auto counted = std::count_if(events.begin(), events.end(), [&](const auto& e) { return e.event.ts < to; });
  EXPECT_EQ(harness->windows->history(core::SeriesKey())->sum(from, to).totals.cost.nano, kCent * counted);
}

// Three hours of disorder: events arrive before it is known whether their series is large.
TEST(WindowsPlaces, NeitherArrivalOrderNorRestartsShow) {
  for (const std::int64_t spender : {kCent, kCent / 30}) {
    const auto events = flood(core::hours(1), spender);
    const auto expected = play(events, core::seconds(1), 1, 0);
    const std::string text = dump_text(*expected->store);
    EXPECT_NE(text.find("unplaced past"), std::string::npos);
    for (const core::Duration disorder : {core::seconds(40), core::minutes(50), core::hours(3)}) {
      const auto shuffled = play(events, disorder, 2, 200);
      EXPECT_EQ(shuffled->closed, expected->closed) << core::format_duration(disorder);
      EXPECT_EQ(dump_text(*shuffled->store), text) << core::format_duration(disorder);
    }
  }
}

// "old" was last called 35 days before; who comes at that midnight gets its place, or not, by the time of its bucket.
TEST(WindowsPlaces, APlaceThatIsFreedAtMidnightGoesByTimeNotByArrival) {
  std::vector<OwnedEvent> events = {call_of("old", kMonday, 100 * kCent)};
  for (int day = 1; day < 36; ++day)
    events.push_back(call_of("id" + std::to_string(day), kMonday + core::days(day), 1));
  const core::EventTime midnight = kMonday + core::days(36);
  for (int i = -60; i < 60; ++i)
    events.push_back(call_of("id" + std::to_string(i % 7), midnight + core::seconds(i), 1));
  const auto expected = play(events, core::seconds(1), 1, 0, 1);
  const std::string text = dump_text(*expected->store);
  EXPECT_EQ(text.find("app=old,model=gpt-4o last_day"), std::string::npos);
  for (unsigned seed = 2; seed < 5; ++seed) {
    const auto shuffled = play(events, core::seconds(40), seed, 20, 1);
    EXPECT_EQ(shuffled->closed, expected->closed);
    EXPECT_EQ(dump_text(*shuffled->store), text);
  }
}

// Eighty that have a little more than a percent each come first, and have their places when thirty dear ones come.
TEST(WindowsPlaces, NoMoreThanAHundredGetInBeyondTheLimit) {
  Harness harness({.max_series = 20});
  const auto add = [&](int hour, const std::string& name, int count, std::int64_t nano) {
    for (int i = 0; i < count; ++i)
      harness.add(call_of(name + std::to_string(i), kMonday + core::hours(hour) + core::minutes(1), nano));
    harness.close(kMonday + core::hours(hour));
  };
  add(0, "first", 50, 1);
  for (int hour = 1; hour < 5; ++hour) add(hour, "second", 80, kCent);
  EXPECT_EQ(harness.windows->series_count(), 20 + 80);
  for (int hour = 5; hour < 9; ++hour) add(hour, "third", 30, 100 * kCent);
  EXPECT_EQ(harness.windows->series_count(), 20 + 100);
}

}  // namespace
}  // namespace costdrift::state
