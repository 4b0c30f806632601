// The whole path on Apache Kafka: kcat and librdkafka produce, the daemon reads, alerts come over HTTP; killed in the
// middle it comes to the same state as without, and as a replay of the same records.
#include "tests/kafka/kafka_topic.h"
#include "tests/support/live_and_replay.h"
#include "tests/support/places.h"
#include "tests/support/real_traces.h"
#include "tests/support/webhook_posts.h"

namespace costdrift::tests {
namespace {

using test::KafkaTopicTest;
using EndToEndTest = KafkaTopicTest;
using RealTracesOnKafkaTest = KafkaTopicTest;

TEST_F(EndToEndTest, KilledOrNotAndInReplay) {
  ASSERT_NO_FATAL_FAILURE(create_topic(3));
  const TrafficLog log = demo_traffic(3);
  LiveAndReplay both(costdrift_program(), bootstrap_, topic_, log);
  // Partition 0 by kcat, the others by librdkafka.
  ASSERT_EQ(run({"/usr/bin/kcat", "-P", "-b", bootstrap_, "-t", topic_, "-p", "0", "-l", both.files()[0]}), 0)
      << "kcat could not produce; scripts/dependencies kafka installs it";
  TrafficLog others = log;
  others.partitions[0].clear();
  ASSERT_TRUE(publish(others, bootstrap_, topic_));

  const std::string expected = both.run_live();
  EXPECT_GE(newest_versions(expected).size(), 2U);
  using std::chrono::milliseconds;
  const std::string killed = both.run_live_killed({milliseconds(350), milliseconds(500), milliseconds(450)});
  EXPECT_EQ(first_difference(expected, killed), "");
  both.expect_replay(expected);
}

TEST_F(RealTracesOnKafkaTest, CodingAgents) {
  ASSERT_NO_FATAL_FAILURE(create_topic(3));
  const TrafficLog log = claude_code_log(source_path());
  ASSERT_TRUE(publish(log, bootstrap_, topic_));
  LiveAndReplay both(costdrift_program(), bootstrap_, topic_, log);
  both.expect_replay(both.run_live());
}

TEST_F(RealTracesOnKafkaTest, AnHourOfAChatService) {
  ASSERT_NO_FATAL_FAILURE(create_topic(3));
  const TrafficLog log = azure_log(source_path());
  ASSERT_TRUE(publish(log, bootstrap_, topic_));
  LiveAndReplay both(costdrift_program(), bootstrap_, topic_, log);
  both.expect_replay(both.run_live());
}

}  // namespace
}  // namespace costdrift::tests
