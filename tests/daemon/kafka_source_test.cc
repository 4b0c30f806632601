// KafkaSource against the embedded broker: librdkafka's mock cluster in a child process, over real TCP.
#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/demo/embedded_broker.h"
#include "daemon/demo/producer.h"
#include "daemon/kafka/source.h"
#include "tests/support/log_recorder.h"

namespace costdrift::daemon {
namespace {

using test::LogRecorder;
using test::poll_until;

constexpr const char* kTopic = "llm.usage";

std::unique_ptr<EmbeddedBroker> start_broker(int partitions, int brokers = 1) {
  auto broker = EmbeddedBroker::start({kTopic, partitions}, brokers);
  EXPECT_TRUE(broker) << broker.error().message;
  return broker ? std::move(*broker) : nullptr;
}

config::KafkaSettings settings_for(const std::string& brokers) {
  config::KafkaSettings settings;
  settings.brokers = brokers;
  settings.topics = {{kTopic, "canonical"}};
  // The mock does not wake a waiting fetch when an event comes.
  settings.properties = {{"fetch.wait.max.ms", "5"}, {"reconnect.backoff.max.ms", "200"}};
  return settings;
}

// The system's clock, which a test can move on.
class MovableClock final : public core::Clock {
 public:
  core::WallTime wall_now() const override { return system_.wall_now(); }
  core::MonotonicTime monotonic_now() const override { return system_.monotonic_now() + ahead; }
  std::chrono::seconds ahead{0};

 private:
  core::SystemClock system_;
};

class KafkaSourceTest : public ::testing::Test {
 protected:
  std::unique_ptr<LogSource> make_source(const config::KafkaSettings& settings) {
    auto source = make_kafka_source(settings, clock_);
    EXPECT_TRUE(source) << source.error().message;
    return source ? std::move(*source) : nullptr;
  }

  // Publishes `count` events to each partition, one every `step` of event time.
  static void publish(const std::string& bootstrap, int partitions, int count, core::Duration step = core::seconds(1)) {
    auto producer = Producer::start(bootstrap, kTopic);
    ASSERT_TRUE(producer);
    std::vector<std::string> texts;
    for (int i = 0; i < count; ++i) texts.push_back(std::to_string(i * step.us / 1'000'000));
    const std::vector<std::string_view> values(texts.begin(), texts.end());
    for (int p = 0; p < partitions; ++p) ASSERT_TRUE((*producer)->send_all(p, values));
    const auto flushed = (*producer)->flush(core::seconds(30));
    ASSERT_TRUE(flushed) << flushed.error().message;
    EXPECT_EQ((*producer)->delivered(), partitions * count);
  }

  MovableClock clock_;
};

// Every partition was read from `first` without a gap or a repetition.
void expect_complete(const LogRecorder& recorder, std::size_t partitions, std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> next(partitions, first);
  for (const auto& record : recorder.seen) EXPECT_EQ(record.offset, next.at(record.partition)++);
  for (const auto end : next) EXPECT_EQ(end, last);
}

TEST_F(KafkaSourceTest, ReadsEveryPartitionToItsEnd) {
  const auto broker = start_broker(3);
  publish(broker->bootstrap(), 3, 2'000);
  const auto source = make_source(settings_for(broker->bootstrap()));
  LogRecorder recorder;
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(3); }));
  expect_complete(recorder, 3, 0, 2'000);
  EXPECT_EQ(source->health().problem, "");
  EXPECT_TRUE(source->health().connected);

  publish(broker->bootstrap(), 3, 10);
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.seen.size() == 6'030; }));
  source->close(recorder);
  EXPECT_EQ(recorder.revoked.size(), 3U);
  EXPECT_FALSE(recorder.any_lost);
}

TEST_F(KafkaSourceTest, GoesOnFromTheStoredPosition) {
  const auto broker = start_broker(2);
  publish(broker->bootstrap(), 2, 100);
  LogRecorder recorder;
  recorder.next_offsets = {{{kTopic, 0}, 40}, {{kTopic, 1}, 40}};
  {
    const auto source = make_source(settings_for(broker->bootstrap()));
    ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(2); }));
    expect_complete(recorder, 2, 40, 100);
  }
  LogRecorder repeating;
  repeating.next_offsets = {{{kTopic, 0}, 40}, {{kTopic, 1}, 0}};
  repeating.repeat_last = true;
  const auto source = make_source(settings_for(broker->bootstrap()));
  ASSERT_TRUE(poll_until(*source, repeating, [&] { return repeating.all_caught_up(2); }));
  const auto first_of = [&](std::size_t partition) {
    return std::find_if(repeating.seen.begin(), repeating.seen.end(),
                        [&](const auto& record) { return record.partition == partition; })
        ->offset;
  };
  EXPECT_EQ(first_of(0), 39);
  EXPECT_EQ(first_of(1), 0);
}

TEST_F(KafkaSourceTest, LatestSkipsWhatIsThere) {
  const auto broker = start_broker(1);
  publish(broker->bootstrap(), 1, 50);
  auto settings = settings_for(broker->bootstrap());
  settings.start_from = "latest";
  const auto source = make_source(settings);
  LogRecorder recorder;
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(1); }));
  EXPECT_TRUE(recorder.seen.empty());
  publish(broker->bootstrap(), 1, 5);
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.seen.size() == 5; }));
  expect_complete(recorder, 1, 50, 55);
}

TEST_F(KafkaSourceTest, KeepsPartitionsInStepOverDaysOfHistory) {
  const auto broker = start_broker(4);
  publish(broker->bootstrap(), 4, 3'000, core::minutes(1));
  const auto source = make_source(settings_for(broker->bootstrap()));
  LogRecorder recorder;
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(4); }));
  expect_complete(recorder, 4, 0, 3'000);
  EXPECT_LE(recorder.widest_lead.us, core::minutes(6).us) << "kMaxLead and the one record that passes it";
}

TEST_F(KafkaSourceTest, ReadsTheConfiguredPartitionsOnly) {
  const auto broker = start_broker(4);
  publish(broker->bootstrap(), 4, 10);
  auto settings = settings_for(broker->bootstrap());
  settings.partitions = {1, 3, 9};
  const auto source = make_source(settings);
  LogRecorder recorder;
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(2); }));
  EXPECT_EQ(recorder.assigned, (std::vector<TopicPartition>{{kTopic, 1}, {kTopic, 3}}));
  EXPECT_EQ(source->health().problem, "topic llm.usage has partitions 0 to 3; mend kafka.partitions, which names 9");
}

TEST_F(KafkaSourceTest, ABrokerThatNeverAnswersIsSaidAndDoesNotBlock) {
  // A port that nobody listens on: it was the broker's a moment ago.
  std::string gone = start_broker(1)->bootstrap();
  const auto source = make_source(settings_for(gone));
  clock_.ahead += std::chrono::seconds(6);
  LogRecorder recorder;
  ASSERT_TRUE(poll_until(*source, recorder, [&] {
    return source->health().problem.find("refused") != std::string::npos;
  })) << source->health().problem;
  EXPECT_EQ(source->health().problem.find("broker " + gone + " does not answer since 20"), 0U)
      << source->health().problem;
  EXPECT_NE(source->health().problem.find("check kafka.brokers"), std::string::npos);
  EXPECT_FALSE(source->health().connected);
  EXPECT_TRUE(recorder.assigned.empty());
  source->close(recorder);
}

TEST_F(KafkaSourceTest, ABrokerThatGoesAwayIsSaidAndNothingIsCalledCaughtUp) {
  auto broker = start_broker(1);
  const std::string bootstrap = broker->bootstrap();
  publish(bootstrap, 1, 10);
  const auto source = make_source(settings_for(bootstrap));
  LogRecorder recorder;
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(1) && source->health().connected; }));
  broker.reset();
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return !source->health().connected; }));
  recorder.caught_up.clear();
  ASSERT_TRUE(source->poll(core::milliseconds(0), recorder));
  EXPECT_TRUE(recorder.caught_up.empty()) << "the end of the log is not known while its leader is away";
  clock_.ahead += std::chrono::seconds(6);
  EXPECT_NE(source->health().problem.find("does not answer since"), std::string::npos) << source->health().problem;
  source->close(recorder);
  EXPECT_EQ(recorder.revoked.size(), 1U);
}

TEST_F(KafkaSourceTest, APositionBeyondTheLogIsAnErrorThatSaysWhatTheLogHolds) {
  const auto broker = start_broker(1);
  publish(broker->bootstrap(), 1, 30);
  const auto source = make_source(settings_for(broker->bootstrap()));
  LogRecorder recorder;
  recorder.next_offsets = {{{kTopic, 0}, 500}};
  core::Result<void> polled;
  ASSERT_TRUE(poll_until(*source, recorder, [&] {
    polled = source->poll(core::milliseconds(20), recorder);
    return !polled;
  }));
  EXPECT_EQ(polled.error().code, core::ErrorCode::unavailable);
  EXPECT_NE(polled.error().message.find("offset 500, is not in the log, which holds offsets 0 to 30"),
            std::string::npos)
      << polled.error().message;
  EXPECT_EQ(recorder.changes.size(), 1U) << "the handler decides how to go on";
  EXPECT_EQ(source->health().problem, polled.error().message);
  EXPECT_TRUE(recorder.seen.empty());
}

TEST_F(KafkaSourceTest, UnknownPropertiesAreConfigurationErrors) {
  auto settings = settings_for("localhost:1");
  settings.properties = {{"fetch.wait.ms", "5"}};
  const auto source = make_kafka_source(settings, clock_);
  ASSERT_FALSE(source);
  EXPECT_EQ(source.error().code, core::ErrorCode::config);
  EXPECT_EQ(source.error().message.find("kafka.properties: fetch.wait.ms: No such configuration property"), 0U)
      << source.error().message;

  settings.properties = {{"fetch.wait.max.ms", "soon"}};
  EXPECT_FALSE(make_kafka_source(settings, clock_));
  settings.properties = {{"ssl.ca.location", "/nonexistent.pem"}, {"security.protocol", "ssl"}};
  EXPECT_FALSE(make_kafka_source(settings, clock_));
  settings.properties = {};
  settings.topics = {{"^llm.*", "canonical"}};
  EXPECT_FALSE(make_kafka_source(settings, clock_)) << "a pattern is not a name";
}

TEST_F(KafkaSourceTest, AGroupMemberReadsAndGivesBackItsPartitions) {
  const auto broker = start_broker(2);
  publish(broker->bootstrap(), 2, 200);
  auto settings = settings_for(broker->bootstrap());
  settings.group_id = "finops";
  settings.properties["session.timeout.ms"] = "6000";
  LogRecorder recorder;
  const auto source = make_source(settings);
  ASSERT_TRUE(poll_until(*source, recorder, [&] { return recorder.all_caught_up(2); })) << source->health().problem;
  expect_complete(recorder, 2, 0, 200);
  source->close(recorder);
  EXPECT_EQ(recorder.revoked.size(), 2U);
  EXPECT_FALSE(recorder.any_lost);
}

}  // namespace
}  // namespace costdrift::daemon
