// KafkaSource against Apache Kafka: what the embedded broker cannot do. Needs `scripts/kafka start`; the address it
// prints goes into COSTDRIFT_KAFKA.
#include "daemon/demo/producer.h"
#include "daemon/kafka/source.h"
#include "tests/kafka/kafka_topic.h"
#include "tests/support/log_recorder.h"

namespace costdrift::daemon {
namespace {

using test::LogRecorder;
using test::poll_until;

class RealKafkaTest : public test::KafkaTopicTest {
 protected:
  void SetUp() override {
    KafkaTopicTest::SetUp();
    settings_.brokers = bootstrap_;
    settings_.topics = {{topic_, "canonical"}};
    settings_.properties = {{"topic.metadata.refresh.interval.ms", "300"}};
  }

  void publish(int partitions, int count) {
    auto producer = Producer::start(settings_.brokers, topic_);
    ASSERT_TRUE(producer);
    for (int i = 0; i < count; ++i) {
      for (int p = 0; p < partitions; ++p) ASSERT_TRUE((*producer)->send(p, std::to_string(i)));
    }
    const auto flushed = (*producer)->flush(core::seconds(60));
    ASSERT_TRUE(flushed) << flushed.error().message;
  }

  std::unique_ptr<LogSource> make_source() {
    auto source = make_kafka_source(settings_, clock_);
    EXPECT_TRUE(source) << source.error().message;
    return source ? std::move(*source) : nullptr;
  }

  core::Error error_of_polling(LogSource& source, LogRecorder& recorder) {
    core::Result<void> polled;
    EXPECT_TRUE(
        poll_until(source, recorder, [&] { return !(polled = source.poll(core::milliseconds(20), recorder)); }));
    return polled ? core::Error{} : polled.error();
  }

  config::KafkaSettings settings_;
  core::SystemClock clock_;
};

// Every record of every partition once, in order.
void expect_complete(const LogRecorder& recorder, std::size_t partitions, std::int64_t each) {
  std::map<TopicPartition, std::int64_t> next;
  for (const auto& record : recorder.seen) EXPECT_EQ(record.offset, next[recorder.assigned[record.partition]]++);
  EXPECT_EQ(next.size(), partitions);
  for (const auto& [name, end] : next) EXPECT_EQ(end, each);
}

TEST_F(RealKafkaTest, EveryRecordOnceAcrossARestart) {
  create_topic(4);
  publish(4, 20'000);
  LogRecorder recorder;
  {
    const auto source = make_source();
    ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.seen.size() > 30'000; }))
        << source->health().problem;
  }
  recorder.caught_up.clear();
  const auto source = make_source();
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.seen.size() >= 80'000; }))
      << source->health().problem;
  expect_complete(recorder, 4, 20'000);
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(4); }));
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return source->health().connected && source->health().lag == 0; }));
  EXPECT_EQ(source->health().problem, "");
  source->close(recorder);
}

TEST_F(RealKafkaTest, ATopicThatComesLaterIsWaitedFor) {
  const auto source = make_source();
  LogRecorder recorder;
  ASSERT_TRUE(poll_until(*source, recorder, [&] {
    return source->health().problem.find("topic " + topic_ + " does not exist on") == 0;
  })) << source->health().problem;
  EXPECT_TRUE(source->health().connected);
  create_topic(2);
  publish(2, 10);
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(2) && recorder.seen.size() == 20; }))
      << source->health().problem;
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return source->health().problem.empty(); }))
      << source->health().problem;
}

TEST_F(RealKafkaTest, NewPartitionsAreTakenUp) {
  create_topic(1);
  publish(1, 10);
  const auto source = make_source();
  LogRecorder recorder;
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.seen.size() == 10; })) << source->health().problem;
  const auto grown = admin_->set_partitions(topic_, 3);
  ASSERT_TRUE(grown) << grown.error().message;
  publish(3, 10);
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.seen.size() == 40; })) << source->health().problem;
  EXPECT_EQ(recorder.assigned.size(), 3U);
}

TEST_F(RealKafkaTest, WhatRetentionTookUnreadIsAnError) {
  create_topic(1);
  publish(1, 100);
  ASSERT_TRUE(admin_->delete_before(topic_, 0, 50));
  LogRecorder recorder;
  recorder.next_offsets = {{{topic_, 0}, 10}};
  const auto source = make_source();
  const auto error = error_of_polling(*source, recorder);
  EXPECT_EQ(error.code, core::ErrorCode::unavailable);
  EXPECT_NE(error.message.find("offset 10, is not in the log, which holds offsets 50 to 100: retention deleted"),
            std::string::npos)
      << error.message;
}

TEST_F(RealKafkaTest, WhatRetentionTookAfterReadingIsNotMissed) {
  create_topic(1);
  publish(1, 100);
  ASSERT_TRUE(admin_->delete_before(topic_, 0, 50));
  LogRecorder recorder;
  recorder.repeat_last = true;
  recorder.next_offsets = {{{topic_, 0}, 50}};
  const auto source = make_source();
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(1); })) << source->health().problem;
  ASSERT_EQ(recorder.seen.size(), 50U);
  EXPECT_EQ(recorder.seen.front().offset, 50);
}

TEST_F(RealKafkaTest, ATopicMadeAnewIsAnError) {
  create_topic(1);
  publish(1, 100);
  const auto source = make_source();
  LogRecorder recorder;
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.seen.size() == 100; })) << source->health().problem;
  source->close(recorder);
  ASSERT_TRUE(admin_->delete_topic(topic_));
  LogRecorder unused;
  core::Result<void> created;
  ASSERT_TRUE(poll_until(*make_source(), unused, [&] { return bool(created = admin_->create_topic(topic_, 1)); }));
  publish(1, 5);
  const auto again = make_source();
  const auto error = error_of_polling(*again, recorder);
  EXPECT_NE(error.message.find("offset 100, is not in the log, which holds offsets 0 to 5: the topic was created anew"),
            std::string::npos)
      << error.message;
}

TEST_F(RealKafkaTest, ATopicDeletedUnderUsIsGivenBackAndTakenAnew) {
  create_topic(1);
  publish(1, 10);
  const auto source = make_source();
  LogRecorder recorder;
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(1); })) << source->health().problem;
  ASSERT_TRUE(admin_->delete_topic(topic_));
  ASSERT_TRUE(poll_until(*source, recorder, [&] {
    return recorder.revoked.size() == 1 && source->health().problem.find("does not exist") != std::string::npos;
  })) << source->health().problem;
  create_topic(1);
  publish(1, 20);
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.seen.size() == 20; })) << source->health().problem;
  EXPECT_EQ(recorder.assigned.size(), 2U) << "so that the position can be checked against the new log";
  EXPECT_EQ(recorder.seen.back().offset, 19);
}

TEST_F(RealKafkaTest, TwoMembersShareAGroupWithoutLossOrRepetition) {
  create_topic(4);
  settings_.group_id = topic_;
  settings_.properties["session.timeout.ms"] = "6000";
  settings_.properties["client.id"] = "first";
  const auto first = make_source();
  LogRecorder one, two;
  publish(4, 1'000);
  ASSERT_TRUE(poll_until(*first, one, [&] { return one.all_caught_up(4) && one.seen.size() == 4'000; }));

  settings_.properties["client.id"] = "second";
  const auto second = make_source();
  two.next_offsets = one.next_offsets;  // what a shared store of positions would say
  ASSERT_TRUE(poll_until(
      *second, two,
      [&] { return first->poll(core::milliseconds(10), one) && one.revoked.size() == 2 && two.assigned.size() == 2; }))
      << first->health().problem << second->health().problem;
  EXPECT_FALSE(one.any_lost);
  publish(4, 500);
  ASSERT_TRUE(poll_until(*second, two, [&] {
    return first->poll(core::milliseconds(10), one) && one.seen.size() + two.seen.size() == 6'000;
  }));
  EXPECT_EQ(one.seen.size(), 5'000U);
  EXPECT_EQ(two.seen.size(), 1'000U);
  for (const auto& record : two.seen) EXPECT_GE(record.offset, 1'000);
  first->close(one);
  second->close(two);
}

}  // namespace
}  // namespace costdrift::daemon
