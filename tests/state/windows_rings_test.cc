#include "state/rings.h"
#include "tests/state/windows_harness.h"

namespace costdrift::state {
namespace {

using testing::call_at;
using testing::Harness;
using testing::kMonday;
using testing::OwnedEvent;

core::EventTime ceil_to(core::EventTime time, core::Duration width) {
  const core::EventTime down = core::floor_to(time, width);
  return down == time ? time : down + width;
}

// Sums the calls straight from the events: each counts at the resolution that its age has.
std::int64_t brute_force(const std::vector<OwnedEvent>& events, const std::string& app, core::EventTime from,
                         core::EventTime to, core::EventTime closed_until) {
  const RingLimits limits = ring_limits(closed_until);
  std::int64_t calls = 0;
  for (const OwnedEvent& event : events) {
    const core::EventTime ts = event.event.ts;
    if (event.app != app || ts >= closed_until) continue;
    core::Duration width = core::days(1);
    if (ts >= limits.buckets)
      width = core::seconds(5);
    else if (ts >= limits.minutes)
      width = core::minutes(1);
    else if (ts >= limits.hours)
      width = core::hours(1);
    const core::EventTime row = core::floor_to(ts, width);
    calls += row >= limits.days && row >= from && row < to;
  }
  return calls;
}

// Some calls an hour for `days` days, in order of time.
std::vector<OwnedEvent> sparse_traffic(int days, core::Duration mean_gap) {
  std::mt19937 random(11);
  std::vector<OwnedEvent> events;
  core::EventTime now = kMonday;
  while (now < kMonday + core::days(days)) {
    OwnedEvent event = call_at(now);
    event.app = random() % 3 == 0 ? "night" : "desk";
    events.push_back(event);
    now = now + core::Duration{static_cast<std::int64_t>(random() % (2 * mean_gap.us))};
  }
  return events;
}

void compare_sums(const Harness& harness, const std::vector<OwnedEvent>& events, unsigned seed, core::Duration reach) {
  std::mt19937_64 random(seed);
  const core::EventTime until = harness.windows->closed_until();
  for (int i = 0; i < 40; ++i) {
    const auto span = static_cast<std::uint64_t>(i % 2 == 0 ? reach.us : core::minutes(30).us);
    core::EventTime from = until - core::Duration{static_cast<std::int64_t>(random() % span)};
    core::EventTime to = from + core::Duration{static_cast<std::int64_t>(random() % span)};
    for (const char* app : {"desk", "night"})
      ASSERT_EQ(harness.sum(app, from, to).totals.calls, brute_force(events, app, from, to, until))
          << app << " " << core::format_rfc3339(from) << " " << core::format_rfc3339(to);
    const core::EventTime middle = ceil_to(from, core::hours(1));
    if (middle >= to) continue;
    EXPECT_EQ(harness.sum("desk", from, middle).totals.calls + harness.sum("desk", middle, to).totals.calls,
              harness.sum("desk", from, to).totals.calls);
  }
}

TEST(WindowsRingsTest, SumsAreRightOverEveryBoundaryAndRestart) {
  const auto events = sparse_traffic(3, core::minutes(3));
  Harness harness;
  std::mt19937 random(5);
  for (const OwnedEvent& event : events) {
    harness.add(event);
    harness.close(event.event.ts - core::seconds(20));
    if (random() % 300 == 0) harness.restart();
    if (random() % 400 == 0 && event.event.ts > kMonday + core::hours(1))
      compare_sums(harness, events, static_cast<unsigned>(random()), core::days(4));
  }
}

TEST(WindowsRingsTest, OldRowsExpireRingByRing) {
  const auto events = sparse_traffic(430, core::hours(12));
  Harness harness;
  std::mt19937 random(5);
  for (const OwnedEvent& event : events) {
    harness.add(event);
    harness.close(event.event.ts - core::seconds(20));
    if (random() % 200 == 0) harness.restart();
  }
  compare_sums(harness, events, 1, core::days(500));
  const RingLimits limits = ring_limits(harness.windows->closed_until());
  harness.restart();
  const std::string dump = testing::dump_text(*harness.store);
  const auto oldest = [&](const std::string& space) {
    std::string found = "none";
    for (std::size_t at = 0; (at = dump.find("\n" + space + " 202", at)) != std::string::npos; ++at)
      found = std::min(found, dump.substr(at + space.size() + 2, 20));
    return found;
  };
  EXPECT_GE(oldest("buckets"), core::format_rfc3339(limits.buckets));
  EXPECT_GE(oldest("minutes"), core::format_rfc3339(limits.minutes));
  EXPECT_GE(oldest("hours"), core::format_rfc3339(limits.hours));
  EXPECT_EQ(oldest("days"), core::format_rfc3339(limits.days));
  EXPECT_EQ(oldest("ledger"), core::format_rfc3339(limits.days));
}

TEST(WindowsRingsTest, ASeriesLosesItsPlaceWhenItIsForgotten) {
  Harness harness({.max_series = 1});
  OwnedEvent event = call_at(kMonday);
  event.app = "old";
  harness.add(event);
  harness.close(kMonday + core::minutes(1));
  EXPECT_EQ(harness.windows->series_count(), 1);
  event.app = "new";
  event.event.cost = event.event.input_cost = {};  // or it would be large (state/unplaced_spend.h)
  for (int day = 1; day < 40; ++day) {
    event.event.ts = kMonday + core::days(day);
    harness.add(event);
    harness.close(event.event.ts + core::minutes(1));
    if (day % 10 == 0) harness.restart();
  }
  const core::EventTime now = harness.windows->closed_until();
  EXPECT_EQ(harness.sum("old", kMonday, now).totals.calls, 1) << "the days stay";
  EXPECT_GT(harness.sum("new", kMonday, now).totals.calls, 0);
  EXPECT_GT(harness.windows->history(testing::series("__other__", "__other__"))->sum(kMonday, now).totals.calls, 30);
}

TEST(WindowsRingsTest, ASumHoldsMetricsAttributesAndSamples) {
  Harness harness;
  for (int i = 0; i < 200; ++i) {
    OwnedEvent event = call_at(kMonday + core::seconds(30 * i), 5, 100 + i);
    event.team = i % 2 == 0 ? "cx" : "";
    event.offset = i;
    harness.add(event);
    harness.close(event.event.ts);
  }
  harness.close(kMonday + core::hours(2));
  const core::BucketSummary sum = harness.sum("desk", kMonday, kMonday + core::hours(2));
  EXPECT_EQ(sum.counts("tokens"), (core::Counts{{5, 200 * core::kOneCall}}));
  EXPECT_EQ(sum.attributes.at({{core::Dimension::team, "cx"}}).calls, 100);
  ASSERT_EQ(sum.samples.size(), 3U);
  EXPECT_EQ(sum.samples[0].offset, 199);
  EXPECT_EQ(sum.samples[2].offset, 197);
}

}  // namespace
}  // namespace costdrift::state
