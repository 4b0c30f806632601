// The run loop on a scripted log: what happens when a partition is no longer the log that was read.
#include "daemon/run_loop.h"

#include <gtest/gtest.h>

#include <optional>

#include "daemon/catalogue.h"
#include "tests/support/fake_clock.h"

namespace costdrift::tests {
namespace {

using daemon::OnLogChange;

// One partition that holds `records` from offset 0 on; everything at the first poll.
class ScriptedLog final : public daemon::LogSource {
 public:
  explicit ScriptedLog(std::vector<std::string> records) : records_(std::move(records)) {}
  core::Result<void> poll(core::Duration, daemon::LogHandler& handler) override {
    using Begin = daemon::LogHandler::Start::Begin;
    const auto start = handler.on_assigned({"llm.usage", 0});
    const auto end = static_cast<std::int64_t>(records_.size());
    std::int64_t next =
        start.begin == Begin::latest ? end : start.next_offset.value_or(0) - (start.repeat_last ? 1 : 0);
    for (; next < end; ++next) {
      handler.on_record({.partition = start.index,
                         .offset = next,
                         .value = records_[static_cast<std::size_t>(next)],
                         .appended_at = {}});
    }
    handler.on_caught_up(start.index);
    return {};
  }
  Health health() const override { return {}; }
  void close(daemon::LogHandler&) override {}

 private:
  std::vector<std::string> records_;
};

// One partition without a record, whose end is known or not.
class AssignedOnce final : public daemon::LogSource {
 public:
  core::Result<void> poll(core::Duration, daemon::LogHandler& handler) override {
    if (!index_) index_ = handler.on_assigned({"llm.usage", 0}).index;
    if (end_is_known) handler.on_caught_up(*index_);
    return {};
  }
  Health health() const override { return {}; }
  void close(daemon::LogHandler&) override {}
  bool end_is_known = true;

 private:
  std::optional<std::size_t> index_;
};

std::vector<std::string> calls(const std::string& id, int count) {
  std::vector<std::string> records;
  for (int i = 0; i < count; ++i) {
    records.push_back(R"({"ts":"2026-03-02T14:05:00Z","model":"m","input_tokens":10,"output_tokens":1,"event_id":")" +
                      id + std::to_string(i) + "\"}");
  }
  return records;
}

class RunLoopTest : public testing::Test {
 protected:
  // One life of the daemon: a turn over the log and a commit. Returns what ended it.
  core::Result<void> live(std::vector<std::string> records, OnLogChange policy = OnLogChange::stop) {
    auto pipeline = daemon::Pipeline::make(settings_, *store_, prices_, {});
    ScriptedLog log(std::move(records));
    daemon::RunLoop loop(**pipeline, clock_,
                         {.idle_timeout = {}, .on_log_change = policy, .decode_ahead = decode_ahead_.get()},
                         [](auto) {});
    auto turned = loop.turn(log, {});
    if (turned && turns_ > 1) turned = loop.turn(log, {});
    if (turned) turned = loop.commit();
    position_ = (*pipeline)->partition(0).position();
    return turned;
  }

  FakeClock clock_;
  config::Settings settings_ = *config::parse_settings(
      "kafka: {brokers: localhost, topics: [{name: llm.usage}]}\nstate: {path: /s}\nsinks: {}\n", "test",
      daemon::catalogue());
  daemon::PriceBook prices_ = daemon::PriceBook::shipped({});
  std::unique_ptr<state::Store> store_ = *state::Store::open("/run-loop", {.in_memory = true});
  state::Position position_;
  std::unique_ptr<daemon::DecodeAhead> decode_ahead_;  // null: none
  int turns_ = 1;
};

TEST_F(RunLoopTest, GoesOnInTheSameLog) {
  ASSERT_TRUE(live(calls("a", 3)));
  auto longer = calls("a", 5);
  const auto went_on = live(longer);
  ASSERT_TRUE(went_on) << went_on.error().message;
  EXPECT_EQ(position_.next_offset, 5);
  EXPECT_EQ(position_.accounting.consumed, 5) << "the record that was compared counts once";
  EXPECT_EQ(position_.log_epoch, 0);
}

TEST_F(RunLoopTest, LeavesOutWhatLiesOutsideItsSpanButKnowsHowFarItRead) {
  const auto at = [](const std::string& time) {
    return R"({"ts":")" + time + R"(","model":"m","input_tokens":10,"output_tokens":1})";
  };
  const auto from = *core::parse_rfc3339("2026-03-02T14:00:00Z"), to = from + core::hours(1);
  const std::string before = "2026-03-02T13:30:00Z", within = "2026-03-02T14:05:00Z", behind = "2026-03-02T15:30:00Z";
  auto pipeline = daemon::Pipeline::make(settings_, *store_, prices_, {});
  daemon::RunLoop loop(**pipeline, clock_, {.idle_timeout = {}, .span = {from, to}}, [](auto) {});
  ScriptedLog skipped({at(before), at(behind)});
  ASSERT_TRUE(loop.turn(skipped, {}));
  EXPECT_EQ(loop.newest_event(0), *core::parse_rfc3339(before)) << "a time behind the span may be a mistake";
  EXPECT_FALSE((*pipeline)->partition(0).has_position());
  ScriptedLog read({at(before), at(within), at(behind)});
  ASSERT_TRUE(loop.turn(read, {}));
  EXPECT_EQ(loop.newest_event(0), *core::parse_rfc3339(within));
  EXPECT_EQ((*pipeline)->partition(0).position().next_offset, 2);
  EXPECT_EQ((*pipeline)->partition(0).position().accounting.consumed, 1);
}

TEST_F(RunLoopTest, StopsAtALogThatWasMadeAnewAndHasGrownBeyondThePosition) {
  ASSERT_TRUE(live(calls("a", 3)));
  const auto stopped = live(calls("b", 9));
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, core::ErrorCode::unavailable);
  EXPECT_NE(stopped.error().message.find("topic llm.usage partition 0 holds another record at offset 2"),
            std::string::npos)
      << stopped.error().message;
  EXPECT_NE(stopped.error().message.find("kafka.on_log_change"), std::string::npos);
  EXPECT_EQ(position_.accounting.consumed, 3) << "nothing of the other log is counted";
}

TEST_F(RunLoopTest, BeginsTheOtherLogAtItsEarliestRecordWhenToldTo) {
  ASSERT_TRUE(live(calls("a", 3)));
  const auto again = live(calls("b", 9), OnLogChange::earliest);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, core::ErrorCode::try_again);
  ASSERT_TRUE(live(calls("b", 9), OnLogChange::earliest));
  EXPECT_EQ(position_.next_offset, 9);
  EXPECT_EQ(position_.log_epoch, 1);
  EXPECT_EQ(position_.accounting.consumed, 12);
}

TEST_F(RunLoopTest, BeginsTheOtherLogAtItsEndWhenToldTo) {
  ASSERT_TRUE(live(calls("a", 3)));
  ASSERT_FALSE(live(calls("b", 9), OnLogChange::latest));
  ASSERT_TRUE(live(calls("b", 9), OnLogChange::latest));
  EXPECT_EQ(position_.accounting.consumed, 3);
  ASSERT_TRUE(live(calls("b", 9), OnLogChange::latest));
  EXPECT_EQ(position_.log_epoch, 1);
}

TEST_F(RunLoopTest, DecodesABacklogAheadAndCountsItOnce) {
  decode_ahead_ = *daemon::DecodeAhead::start(settings_, prices_, 2);
  ASSERT_TRUE(live(calls("a", 5'000)));
  const std::int64_t after_one_turn = position_.accounting.consumed;
  EXPECT_LT(after_one_turn, 5'000) << "nothing was left with the decoding threads";
  turns_ = 2;  // the second turn reads nothing new and leaves nothing
  ASSERT_TRUE(live(calls("a", 5'000)));
  EXPECT_EQ(position_.accounting.consumed, 5'000) << "what was decoded and not counted is read again";
  EXPECT_EQ(position_.next_offset, 5'000);
}

// What was written while nobody knew the end comes after the leader, and would be late for a partition that is idle.
TEST_F(RunLoopTest, CallsAPartitionIdleByTheTimeForWhichItsEndWasKnown) {
  auto pipeline = daemon::Pipeline::make(settings_, *store_, prices_, {});
  AssignedOnce log;
  daemon::RunLoop loop(**pipeline, clock_, {.idle_timeout = core::seconds(60)}, [](auto) {});
  const auto turn_after = [&](int seconds) {
    clock_.advance(core::seconds(seconds));
    ASSERT_TRUE(loop.turn(log, {}));
  };
  turn_after(0);
  turn_after(30);
  log.end_is_known = false;
  turn_after(100);
  EXPECT_FALSE(loop.partitions()[0].caught_up);
  log.end_is_known = true;
  turn_after(1);
  turn_after(59);
  EXPECT_FALSE((*pipeline)->idle(0));
  turn_after(1);
  EXPECT_TRUE((*pipeline)->idle(0));
}

TEST(RunLoopCommitTest, AnExpensiveCommitIsFollowedByALongerWait) {
  using std::chrono::milliseconds;
  const core::Duration interval = core::milliseconds(250);
  EXPECT_EQ(daemon::RunLoop::commit_wait(interval, milliseconds(2), false), milliseconds(250));
  EXPECT_EQ(daemon::RunLoop::commit_wait(interval, milliseconds(40), false), milliseconds(800));
  EXPECT_EQ(daemon::RunLoop::commit_wait(interval, milliseconds(400), false), milliseconds(2000));
}

TEST(RunLoopCommitTest, WhatIsToBeSentWaitsNoLongerThanConfigured) {
  using std::chrono::milliseconds;
  EXPECT_EQ(daemon::RunLoop::commit_wait(core::milliseconds(250), milliseconds(400), true), milliseconds(250));
}

TEST(RunLoopCommitTest, ALongIntervalStaysAsConfigured) {
  using std::chrono::milliseconds;
  EXPECT_EQ(daemon::RunLoop::commit_wait(core::seconds(10), milliseconds(400), false), milliseconds(10'000));
}

}  // namespace
}  // namespace costdrift::tests
