// Time as events and clocks tell it: producers ahead of us or a day behind, partitions that are silent, our own clock
// set by an hour. No window closes early, and every dollar is in the ledger.
#include <gtest/gtest.h>

#include "daemon/catalogue.h"
#include "daemon/run_loop.h"
#include "state/ledger.h"
#include "tests/support/fake_clock.h"

namespace costdrift::daemon {
namespace {

constexpr core::Duration kSkew = core::minutes(5), kDisorder = core::minutes(2);

// Two partitions; what was given to one is handed over by the next poll.
class GivenLog final : public LogSource {
 public:
  core::Result<void> poll(core::Duration, LogHandler& handler) override {
    for (std::size_t p = 0; p < 2; ++p) {
      Partition& partition = partitions_[p];
      if (!partition.assigned) partition.index = handler.on_assigned({"llm.usage", static_cast<std::int32_t>(p)}).index;
      partition.assigned = true;
      for (; partition.next < partition.records.size(); ++partition.next) {
        const auto& [value, stamp] = partition.records[partition.next];
        handler.on_record({partition.index, static_cast<std::int64_t>(partition.next), value, stamp});
      }
      handler.on_caught_up(partition.index);
    }
    return {};
  }
  Health health() const override { return {.connected = true}; }
  void close(LogHandler&) override {}
  void give(std::size_t partition, std::string value, std::optional<core::WallTime> stamp) {
    partitions_[partition].records.emplace_back(std::move(value), stamp);
  }

 private:
  struct Partition {
    std::vector<std::pair<std::string, std::optional<core::WallTime>>> records;
    std::size_t next = 0, index = 0;
    bool assigned = false;
  };
  Partition partitions_[2];
};

class EventClock : public testing::Test {
 protected:
  core::EventTime now() const { return {clock_.wall_now().us}; }
  // A call of one cent at that time.
  void call(core::EventTime ts, std::size_t partition = 0, std::optional<core::WallTime> stamp = std::nullopt) {
    log_.give(partition,
              R"({"ts":")" + core::format_rfc3339(ts) +
                  R"(","app":"desk","model":"m","input_tokens":10,"output_tokens":1,"cost_usd":0.01})",
              stamp);
    ++calls_;
  }
  void turn(core::Duration later = core::seconds(1)) {
    clock_.advance(later);
    ASSERT_TRUE(loop_.turn(log_, {}));
    ASSERT_LE(pipeline_->watermark(), now() + kSkew - kDisorder);
  }
  // Cents in the ledger once everything is closed, all of them and those of one day.
  std::int64_t ledger_cents(core::EventTime day = core::EventTime::min()) {
    EXPECT_TRUE(loop_.commit());
    std::int64_t nano = 0;
    store_->scan(state::KeySpace::ledger, day == core::EventTime::min() ? "" : state::ledger_key(day, ""),
                 day == core::EventTime::min() ? "" : state::ledger_key(day + core::days(1), ""),
                 [&](std::string_view, std::string_view row) {
                   nano += state::decode_ledger_row(row)->totals.cost.nano;
                   return true;
                 });
    return nano / 10'000'000;
  }
  // Ten minutes later each partition has a call that closes the buckets before it and stays open itself.
  void close_all() {
    clock_.advance(core::minutes(10));
    for (std::size_t p = 0; p < 2; ++p) call(now(), p);
    calls_ -= 2;
    turn();
  }
  const state::Accounting& accounting(std::size_t p = 0) { return pipeline_->partition(p).position().accounting; }

  tests::FakeClock clock_;
  config::Settings settings_ = *config::parse_settings(
      "kafka: {brokers: localhost, topics: [{name: llm.usage}]}\nstate: {path: /s}\nsinks: {}\n", "test", catalogue());
  PriceBook prices_ = PriceBook::shipped({});
  std::unique_ptr<state::Store> store_ = *state::Store::open("/event-clock", {.in_memory = true});
  std::unique_ptr<Pipeline> pipeline_ = *Pipeline::make(settings_, *store_, prices_, {});
  RunLoop loop_{*pipeline_, clock_, {}, [](auto) {}};
  GivenLog log_;
  std::int64_t calls_ = 0;
};

TEST_F(EventClock, AYearTenMinutesAndTheEndOfTimeAheadMoveNothing) {
  call(now(), 0);
  call(now(), 1);
  turn();
  call(now() + core::days(365));
  call(now() + core::minutes(10));
  call({core::parse_rfc3339("2200-12-31T23:59:59Z")->us});
  call(now() + kSkew, 1);  // still right
  turn();
  EXPECT_EQ(accounting(0).late, 3);
  EXPECT_EQ(accounting(1).accepted, 2);
  call(now());
  turn();
  EXPECT_EQ(accounting(0).accepted, 2) << "an honest call after them is not late";
  close_all();
  EXPECT_EQ(ledger_cents(), calls_);
  EXPECT_EQ(ledger_cents(core::floor_to(now(), core::days(1))), calls_) << "all on the day on which they came";
}

TEST_F(EventClock, TheStampOfTheRecordCountsWhereItIsEarlierThanNow) {
  const core::EventTime then = now() - core::days(30);  // a replay, a month later
  const core::WallTime stamp{then.us};
  call(then, 0, stamp);
  call(then + core::hours(2), 0, stamp);  // two hours ahead of what its producer's library said
  turn();
  EXPECT_EQ(accounting(0).late, 1);
  EXPECT_EQ(pipeline_->partition(0).position().newest, then);
}

TEST_F(EventClock, WhatComesADayLateIsInTheLedgerOfItsDay) {
  const core::EventTime yesterday = now() - core::days(1);
  call(now());
  turn();
  for (int i = 0; i < 7; ++i) call(yesterday);
  turn();
  EXPECT_EQ(accounting(0).late, 7);
  close_all();
  EXPECT_EQ(ledger_cents(core::floor_to(yesterday, core::days(1))), 7);
  EXPECT_EQ(ledger_cents(), 8);
}

TEST_F(EventClock, APartitionThatIsSilentOrWasNeverActiveHoldsNothingUpForLong) {
  for (int i = 0; i < 30; ++i) {
    call(now(), 0);
    turn(core::seconds(10));
  }
  EXPECT_GT(pipeline_->windows().closed_until(), now() - core::minutes(3)) << "partition 1 never had a record";
  call(now(), 1);
  turn();
  for (int i = 0; i < 30; ++i) {
    call(now(), 0);
    turn(core::seconds(10));
  }
  EXPECT_GT(pipeline_->windows().closed_until(), now() - core::minutes(3)) << "partition 1 has been silent";
  close_all();
  EXPECT_EQ(ledger_cents(), calls_);
  EXPECT_EQ(accounting(0).late + accounting(1).late, 0);
}

// Our clock is set by an hour, ahead or back, in the middle of ten minutes of calls.
class ClockJump : public EventClock, public testing::WithParamInterface<int> {};

TEST_P(ClockJump, ChangesNoWindowAndNoCount) {
  const core::EventTime begin = now();
  for (int second = 0; second < 600; second += 5) {
    if (second == 300) clock_.jump(core::hours(GetParam()));
    call(begin + core::seconds(second), static_cast<std::size_t>(second / 5 % 2));
    clock_.advance(core::seconds(5));
    ASSERT_TRUE(loop_.turn(log_, {}));
  }
  EXPECT_EQ(accounting(0).accepted + accounting(1).accepted, calls_);
  EXPECT_EQ(pipeline_->watermark(), begin + core::seconds(590) - kDisorder);
  EXPECT_EQ(pipeline_->incidents().open_count(), 0);
  EXPECT_EQ(pipeline_->windows().closed_until(), core::floor_to(pipeline_->watermark(), settings_.time.bucket));
}

INSTANTIATE_TEST_SUITE_P(Hours, ClockJump, testing::Values(0, 1, -1));

}  // namespace
}  // namespace costdrift::daemon
