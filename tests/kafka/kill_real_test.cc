// kill -9 of the daemon at any moment while it reads from Apache Kafka and tells three sinks.
#include "tests/kafka/kafka_topic.h"
#include "tests/support/dead_letter_trial.h"
#include "tests/support/kill_trial.h"
#include "tests/support/places.h"
#include "tests/support/scale.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {
namespace {

using KillOnKafka = test::KafkaTopicTest;

TEST_F(KillOnKafka, TheStateAndTheAlertsOfThreeSinksAreThoseOfAnUninterruptedRun) {
  ASSERT_NO_FATAL_FAILURE(create_topic(3));
  const TrafficLog log = demo_traffic(3);
  ASSERT_TRUE(publish(log, bootstrap_, topic_));
  const HttpStub one, two, three;
  RunningDaemon daemon({.binary = costdrift_program(),
                        .bootstrap = bootstrap_,
                        .topic = topic_,
                        .webhook_url = one.url(),
                        .extra_yaml = "",
                        .more_webhook_urls = {two.url(), three.url()}});
  expect_kills_leave_no_trace(daemon, log.records(), {&one, &two, &three}, scaled(4, 4, 30));
}

class DeadLettersOnKafka : public test::KafkaTopicTest {
 protected:
  void TearDown() override {
    if (admin_) (void)admin_->delete_topic(dead());
    KafkaTopicTest::TearDown();
  }
  std::string dead() const { return topic_ + ".dead"; }
  void create_dead_letter_topic() {
    const auto created = admin_->create_topic(dead(), 1);
    ASSERT_TRUE(created) << created.error().message;
  }
};

TEST_F(DeadLettersOnKafka, KilledAtAnyMomentNoneIsLost) {
  ASSERT_NO_FATAL_FAILURE(create_topic(2));
  ASSERT_NO_FATAL_FAILURE(create_dead_letter_topic());
  DeadLetterTrial trial(bootstrap_, topic_, dead());
  ASSERT_NO_FATAL_FAILURE(trial.publish_all());
  trial.expect_none_lost(scaled(1, 1, 10));
}

TEST_F(DeadLettersOnKafka, AnAbsentTopicDelaysNothingAndGetsAllOnceItIsThere) {
  ASSERT_NO_FATAL_FAILURE(create_topic(2));
  DeadLetterTrial trial(bootstrap_, topic_, dead());
  ASSERT_NO_FATAL_FAILURE(trial.publish_all());
  ASSERT_NO_FATAL_FAILURE(trial.expect_all_kept());
  ASSERT_NO_FATAL_FAILURE(create_dead_letter_topic());
  trial.expect_kept_ones_written();
}

}  // namespace
}  // namespace costdrift::tests
