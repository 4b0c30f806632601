// Late calls reach the roll-up of everything once, with the minute in which they were noticed.
#include <gtest/gtest.h>

#include "tests/state/state_fixture.h"

namespace costdrift::state::testing {
namespace {

class LateCallsTest : public ::testing::Test {
 protected:
  void reload() {
    windows_ = std::make_unique<Windows>(*store_, test_metrics(), WindowOptions{});
    ASSERT_TRUE(windows_->load());
  }
  void restart() {
    windows_->save();
    ASSERT_TRUE(store_->commit());
    reload();
  }
  void add(core::EventTime ts) {
    const OwnedEvent event = call_at(ts);
    windows_->add(event.view(), event.position());
  }
  void add_late(core::EventTime ts, core::EventTime noticed, core::DroppedEvent why = core::DroppedEvent::late) {
    OwnedEvent event = call_at(ts, 100, 7);
    event.team = "cx";
    windows_->add_late(event.view(), why, noticed);
  }
  // "minute: minute-of-the-call app nano-dollars of team cx" and "minute: app reason calls".
  std::vector<std::string> close(core::EventTime watermark) {
    std::vector<std::string> seen;
    const auto on_closed = [&](const core::SeriesKey& key, const core::ClosedBucket& bucket) {
      const bool whole = key.kind() == core::SeriesKind::all;
      EXPECT_TRUE(whole || (bucket.late.empty() && bucket.dropped.empty())) << key.text();
      const std::string minute = number_of(bucket.start) + ": ";
      for (const core::LateCalls& late : bucket.late) {
        const auto& totals = late.summary->attributes.at({{core::Dimension::team, "cx"}});
        seen.push_back(minute + number_of(late.minute) + " " + late.series->label(core::Dimension::app) + " " +
                       std::to_string(totals.cost.nano));
      }
      for (const core::DroppedCalls& dropped : bucket.dropped)
        seen.push_back(minute + dropped.series->label(core::Dimension::app) + " " +
                       std::to_string(static_cast<int>(dropped.why)) + " " + std::to_string(dropped.calls));
    };
    windows_->close_until(watermark, on_closed, [](core::EventTime) {});
    return seen;
  }
  static std::string number_of(core::EventTime minute) { return std::to_string((minute - kMonday).us / 60'000'000); }
  std::int64_t known_calls(std::initializer_list<core::Label> labels, core::EventTime from, core::EventTime to) {
    return windows_->history(core::SeriesKey::of(labels))->sum(from, to).totals.calls;
  }
  void SetUp() override { reload(); }

  std::unique_ptr<Store> store_ = memory_store();
  std::unique_ptr<Windows> windows_;
};

using Lines = std::vector<std::string>;

TEST_F(LateCallsTest, AreHandedOverOnceWithTheirMinute) {
  add(kMonday + core::minutes(40));
  EXPECT_EQ(close(kMonday + core::minutes(41)), Lines{});
  add(kMonday + core::minutes(42));
  add(kMonday + core::minutes(43));
  add_late(kMonday + core::minutes(16), kMonday + core::minutes(43));
  add_late(kMonday + core::seconds(16 * 60 + 59), kMonday + core::minutes(43), core::DroppedEvent::future);
  add_late(kMonday + core::minutes(31), kMonday + core::minutes(42));
  restart();
  EXPECT_EQ(close(kMonday + core::minutes(43)), Lines{}) << "the minute is not over";
  restart();
  EXPECT_EQ(close(kMonday + core::minutes(44)), (Lines{"42: 31 desk 7", "42: desk 1 1"}));
  restart();
  add(kMonday + core::minutes(45));
  EXPECT_EQ(close(kMonday + core::minutes(46)), (Lines{"43: 16 desk 14", "43: desk 1 1", "43: desk 2 1"}));
  restart();
  add(kMonday + core::minutes(47));
  EXPECT_EQ(close(kMonday + core::minutes(48)), Lines{}) << "told before";
}

// A backfill of a month of which nothing is judged must not cost a summary a minute.
TEST_F(LateCallsTest, OfDaysAgoAreKeptByTheQuarterHour) {
  const core::EventTime now = kMonday + core::days(10), then = kMonday + core::minutes(3);
  add(now);
  (void)close(now + core::minutes(1));
  add(now + core::minutes(1));
  for (int minute = 0; minute < 30; ++minute) add_late(then + core::minutes(minute), now + core::minutes(1));
  restart();
  add(now + core::minutes(3));
  const std::string noticed = number_of(now + core::minutes(1)) + ": ";
  EXPECT_EQ(close(now + core::minutes(4)),
            (Lines{noticed + "0 desk 84", noticed + "15 desk 105", noticed + "30 desk 21", noticed + "desk 1 30"}));
  add(now + core::minutes(30));
  (void)close(now + core::minutes(31));
  EXPECT_EQ(known_calls({}, kMonday, kMonday + core::hours(1)), 30) << "in the past that estimates are made from";
}

TEST_F(LateCallsTest, CountAsNowWhenTheirPartitionIsBehind) {
  add(kMonday + core::minutes(40));
  (void)close(kMonday + core::minutes(41));
  add_late(kMonday + core::minutes(10), kMonday + core::minutes(3));
  add(kMonday + core::minutes(50));
  EXPECT_EQ(close(kMonday + core::minutes(51)), (Lines{"40: 10 desk 7", "40: desk 1 1"}));
}

TEST_F(LateCallsTest, DuplicatesAreCountedOnly) {
  windows_->add_duplicate(call_at(kMonday).view(), kMonday);
  windows_->add_duplicate(call_at(kMonday).view(), kMonday);
  add(kMonday);
  restart();
  add(kMonday + core::minutes(1));
  EXPECT_EQ(close(kMonday + core::minutes(2)), Lines{"0: desk 0 2"});
  EXPECT_EQ(known_calls({}, kMonday, kMonday + core::minutes(1)), 1);
}

// Minute by minute for three hours; late calls of the first minute, of an hour before it, and of the running hour.
TEST_F(LateCallsTest, JoinThePastWhenTheyAreTenMinutesOld) {
  const core::EventTime begin = kMonday + core::hours(2);
  for (int minute = 0; minute < 180; ++minute) {
    if (minute == 2) add_late(begin, begin + core::minutes(2));
    if (minute == 90) add_late(begin - core::hours(1), begin + core::minutes(90));
    if (minute == 130) add_late(begin + core::minutes(125), begin + core::minutes(130));
    add(begin + core::minutes(minute));
    (void)close(begin + core::minutes(minute));
    if (minute % 50 == 0) restart();
    const std::int64_t expected = minute < 11 ? 1 : 2;
    if (minute == 9 || minute == 20) {
      EXPECT_EQ(known_calls({}, begin, begin + core::minutes(1)), expected) << minute;
    }
  }
  const core::Label app{core::Dimension::app, "desk"}, model{core::Dimension::model, "gpt-4o"};
  const core::Label team{core::Dimension::team, "cx"};
  const core::EventTime end = begin + core::hours(3);
  for (const auto& labels : {std::initializer_list<core::Label>{app, model}, {app}, {model}, {}}) {
    EXPECT_EQ(known_calls(labels, begin, begin + core::hours(1)), 61);
    EXPECT_EQ(known_calls(labels, begin + core::hours(2), begin + core::hours(2) + core::minutes(30)), 31);
    EXPECT_EQ(known_calls(labels, begin - core::hours(1), begin), 1);
  }
  EXPECT_EQ(known_calls({team}, kMonday, end), 3);
  add(kMonday + core::hours(26));
  (void)close(kMonday + core::hours(27));
  EXPECT_EQ(known_calls({app, model}, kMonday, kMonday + core::days(1)), 183);
  restart();
  EXPECT_EQ(known_calls({app, model}, kMonday, kMonday + core::days(1)), 183);
}

// The team is known from one call of four years ago alone. It is forgotten at the next midnight, not at a restart.
TEST_F(LateCallsTest, WhatOnlyOldCallsKnowIsKnownAcrossARestart) {
  const auto dump_of_a_day = [this](bool with_restart) {
    store_ = memory_store();
    reload();
    for (int minute = 0; minute < 40; ++minute) {
      const core::EventTime now = kMonday + core::minutes(minute);
      if (minute == 2) add_late(now - core::days(4 * 365), now);
      add(now);
      (void)close(now);
      if (with_restart && minute == 20) restart();
    }
    restart();
    return dump_text(*store_);
  };
  const std::string uninterrupted = dump_of_a_day(false);
  EXPECT_NE(uninterrupted.find("cx"), std::string::npos);
  EXPECT_EQ(dump_of_a_day(true), uninterrupted);
}

}  // namespace
}  // namespace costdrift::state::testing
