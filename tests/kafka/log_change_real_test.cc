// The log is not the one that was read: a topic deleted and made anew, records deleted before they were read. The
// daemon stops and says which offsets are gone, or goes on from where `kafka.on_log_change` says, and counts no more
// and no less.
#include <cstdio>
#include <limits>
#include <utility>

#include "tests/kafka/kafka_topic.h"
#include "tests/support/await.h"
#include "tests/support/kafka_records.h"
#include "tests/support/places.h"
#include "tests/support/running_daemon.h"

namespace costdrift::tests {
namespace {

constexpr int kUnavailable = 69, kTryAgain = 75;

std::string last_line(const std::string& text) {
  const auto before_end = text.size() < 2 ? 0 : text.size() - 2;
  return text.substr(text.rfind('\n', before_end) + 1);
}

class LogChangeOnKafka : public test::KafkaTopicTest {
 protected:
  void SetUp() override {
    KafkaTopicTest::SetUp();
    if (IsSkipped()) return;
    daemon_ = std::make_unique<RunningDaemon>(DaemonOptions{.binary = costdrift_program(),
                                                            .bootstrap = bootstrap_,
                                                            .topic = topic_,
                                                            .webhook_url = "",
                                                            .extra_yaml = "",
                                                            .state_options = "",
                                                            .kafka_properties = ""});
  }

  // Calls a second apart, each later than all before; `padding` bytes larger than they need to be.
  void publish_calls(int count, std::size_t padding = 0) {
    std::vector<KafkaRecord> records;
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(1'740'960'000 + ++calls_);
      records.push_back({std::nullopt,
                         R"({"ts":)" + number + R"(,"event_id":")" + number +
                             R"(","model":"gpt-4o","input_tokens":9,"output_tokens":1,"padding":")" +
                             std::string(padding, 'x') + "\"}",
                         {}});
    }
    ASSERT_TRUE(write_records(bootstrap_, topic_, 0, records));
  }
  void make_topic_anew(int calls) {
    ASSERT_TRUE(admin_->delete_topic(topic_));
    ASSERT_NO_FATAL_FAILURE(create_topic(1));
    ASSERT_NO_FATAL_FAILURE(publish_calls(calls));
  }

  // Reads up to that offset, stops, and keeps the state as text.
  void read_to(std::int64_t offset) {
    daemon_->start();
    ASSERT_TRUE(daemon_->await_consumed(offset, std::chrono::seconds(60))) << daemon_->log();
    ASSERT_EQ(daemon_->stop_gently(), 0) << daemon_->log();
    dump_ = daemon_->dump();
  }
  // Starts with that policy; the daemon ends by itself with this status and says this in the end.
  void expect_end(const std::string& policy, int status, const std::string& sentence) {
    DaemonOptions options = daemon_->options();
    options.kafka_options = "  on_log_change: " + policy + "\n";
    daemon_->configure(options);
    daemon_->start();
    EXPECT_EQ(daemon_->await_end(), status);
    const std::string log = last_line(daemon_->log());
    EXPECT_NE(log.find(topic_), std::string::npos) << log;
    EXPECT_NE(log.find(sentence), std::string::npos) << sentence << " is not in\n" << log;
  }
  // With policy stop: nothing that was counted changes, however often it is started.
  void expect_refused(const std::string& sentence) {
    for (int start = 0; start < 2; ++start) expect_end("stop", kUnavailable, sentence);
    EXPECT_EQ(first_difference(dump_, daemon_->dump()), "");
  }
  void expect_position(const std::string& row) const {
    const std::string rows = rows_of(dump_, "positions");
    EXPECT_NE(rows.find(row), std::string::npos) << row << " is not in " << rows;
  }
  // Starts at the log's present end, reads `calls` that come then, and stops.
  void read_what_comes(int calls, std::int64_t to) {
    daemon_->start();
    ASSERT_TRUE(daemon_->await_consumed(std::numeric_limits<std::int64_t>::min(), std::chrono::seconds(60)));
    ASSERT_NO_FATAL_FAILURE(publish_calls(calls));
    ASSERT_TRUE(daemon_->await_consumed(to, std::chrono::seconds(60))) << daemon_->log();
    ASSERT_EQ(daemon_->stop_gently(), 0) << daemon_->log();
    dump_ = daemon_->dump();
  }

  // Until nothing more is deleted: the brokers look every second, and may have looked while records still came.
  void await_retention() {
    auto changed = std::chrono::steady_clock::now();
    const auto settled = [&] {
      const auto now = admin_->range(topic_, 0);
      if (!now || now->low == 0) return false;
      if (std::exchange(left_from_, now->low) != now->low) changed = std::chrono::steady_clock::now();
      return std::chrono::steady_clock::now() - changed > std::chrono::seconds(4);
    };
    ASSERT_TRUE(await(settled, std::chrono::seconds(60))) << left_from_;
  }

  std::unique_ptr<RunningDaemon> daemon_;
  std::int64_t left_from_ = 0;  // the first offset that retention left
  std::string dump_;
  int calls_ = 0;
};

constexpr const char* kAnotherRecord = " holds another record at offset 99 than the one that was read there";

TEST_F(LogChangeOnKafka, MadeAnewAndGrownBeyondThePosition) {
  ASSERT_NO_FATAL_FAILURE(create_topic(1));
  ASSERT_NO_FATAL_FAILURE(publish_calls(100));
  ASSERT_NO_FATAL_FAILURE(read_to(100));
  ASSERT_NO_FATAL_FAILURE(make_topic_anew(300));
  expect_refused(kAnotherRecord);
  expect_end("earliest", kTryAgain, kAnotherRecord);
  ASSERT_NO_FATAL_FAILURE(read_to(300));
  expect_position("next_offset=300 log_epoch=1 records=400");
}

TEST_F(LogChangeOnKafka, MadeAnewGrownBeyondAndOnlyWhatComesIsWanted) {
  ASSERT_NO_FATAL_FAILURE(create_topic(1));
  ASSERT_NO_FATAL_FAILURE(publish_calls(100));
  ASSERT_NO_FATAL_FAILURE(read_to(100));
  ASSERT_NO_FATAL_FAILURE(make_topic_anew(300));
  expect_end("latest", kTryAgain, kAnotherRecord);
  ASSERT_NO_FATAL_FAILURE(read_what_comes(10, 310));
  expect_position("next_offset=310 log_epoch=1 records=110");
}

TEST_F(LogChangeOnKafka, MadeAnewAndStillShort) {
  const std::string out_of_range =
      ": the position to go on from, offset 100, is not in the log, which holds offsets 0 to 5: the topic was created "
      "anew";
  ASSERT_NO_FATAL_FAILURE(create_topic(1));
  ASSERT_NO_FATAL_FAILURE(publish_calls(100));
  ASSERT_NO_FATAL_FAILURE(read_to(100));
  ASSERT_NO_FATAL_FAILURE(make_topic_anew(5));
  expect_refused(out_of_range);
  expect_end("earliest", kTryAgain, out_of_range);
  ASSERT_NO_FATAL_FAILURE(read_to(5));
  expect_position("next_offset=5 log_epoch=1 records=105");
}

TEST_F(LogChangeOnKafka, MadeAnewAndGrownBeyondWhileItRuns) {
  ASSERT_NO_FATAL_FAILURE(create_topic(1));
  ASSERT_NO_FATAL_FAILURE(publish_calls(100));
  daemon_->start();
  ASSERT_TRUE(daemon_->await_consumed(100, std::chrono::seconds(60))) << daemon_->log();
  ASSERT_TRUE(admin_->delete_topic(topic_));
  const auto missed = [&] { return daemon_->api("/api/v1/status").find("does not exist") != std::string::npos; };
  ASSERT_TRUE(await(missed, std::chrono::seconds(60))) << daemon_->api("/api/v1/status");
  ASSERT_NO_FATAL_FAILURE(create_topic(1));
  ASSERT_NO_FATAL_FAILURE(publish_calls(300));
  EXPECT_EQ(daemon_->await_end(), kUnavailable) << daemon_->log();
  // By the record when it comes to look after the new topic has grown, otherwise by the offset.
  const std::string log = last_line(daemon_->log());
  EXPECT_TRUE(log.find(kAnotherRecord) != std::string::npos ||
              log.find("offset 100, is not in the log") != std::string::npos)
      << log;
  dump_ = daemon_->dump();
  expect_position("next_offset=100 log_epoch=0 records=100");
}

TEST_F(LogChangeOnKafka, RecordsDeletedUnread) {
  const std::string gap =
      ": the position to go on from, offset 60, is not in the log, which holds offsets 80 to 100: retention deleted";
  ASSERT_NO_FATAL_FAILURE(create_topic(1));
  ASSERT_NO_FATAL_FAILURE(publish_calls(60));
  ASSERT_NO_FATAL_FAILURE(read_to(60));
  ASSERT_NO_FATAL_FAILURE(publish_calls(40));
  ASSERT_TRUE(admin_->delete_before(topic_, 0, 80));
  expect_refused(gap);
  expect_end("earliest", kTryAgain, gap);
  ASSERT_NO_FATAL_FAILURE(read_to(100));
  expect_position("next_offset=100 log_epoch=1 records=80");
}

TEST_F(LogChangeOnKafka, RecordsDeletedUnreadAndOnlyWhatComesIsWanted) {
  ASSERT_NO_FATAL_FAILURE(create_topic(1));
  ASSERT_NO_FATAL_FAILURE(publish_calls(60));
  ASSERT_NO_FATAL_FAILURE(read_to(60));
  ASSERT_NO_FATAL_FAILURE(publish_calls(40));
  ASSERT_TRUE(admin_->delete_before(topic_, 0, 80));
  expect_end("latest", kTryAgain,
             ": the position to go on from, offset 60, is not in the log, which holds offsets 80 to 100");
  ASSERT_NO_FATAL_FAILURE(read_what_comes(7, 107));
  expect_position("next_offset=107 log_epoch=1 records=67");
}

TEST_F(LogChangeOnKafka, RetentionPassedThePosition) {
  constexpr int kSegment = 1 << 20;
  const auto created = admin_->create_topic(
      topic_, 1, {{"segment.bytes", std::to_string(kSegment)}, {"retention.bytes", std::to_string(kSegment)}});
  ASSERT_TRUE(created) << created.error().message;
  ASSERT_NO_FATAL_FAILURE(publish_calls(100));
  ASSERT_NO_FATAL_FAILURE(read_to(100));
  ASSERT_NO_FATAL_FAILURE(publish_calls(4'000, 1'000));
  ASSERT_NO_FATAL_FAILURE(await_retention());
  const std::string gap = ": the position to go on from, offset 100, is not in the log, which holds offsets " +
                          std::to_string(left_from_) + " to 4100: retention deleted";
  expect_refused(gap);
  expect_end("earliest", kTryAgain, gap);
  ASSERT_NO_FATAL_FAILURE(read_to(4'100));
  expect_position("next_offset=4100 log_epoch=1 records=" + std::to_string(100 + 4'100 - left_from_));
  std::printf("retention took offsets 0 to %lld, unread from 100 on; all of the others counted\n",
              static_cast<long long>(left_from_ - 1));
}

}  // namespace
}  // namespace costdrift::tests
