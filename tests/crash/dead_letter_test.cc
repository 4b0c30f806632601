// Every rejected record reaches the dead-letter topic, byte for byte, whatever happens to the daemon and to the topic.
#include <gtest/gtest.h>

#include "tests/support/dead_letter_trial.h"
#include "tests/support/mock_kafka.h"
#include "tests/support/scale.h"

namespace costdrift::tests {
namespace {

constexpr const char* kTopic = "llm.usage";
constexpr const char* kDead = "llm.usage.dead";

class DeadLetterTopicTest : public testing::Test {
 protected:
  MockKafka kafka_{kTopic, 2, 1};
  DeadLetterTrial trial_{kafka_.bootstrap(), kTopic, kDead};
};

TEST_F(DeadLetterTopicTest, KilledAtAnyMomentNoneIsLost) {
  kafka_.add_topic(kDead, 1);
  ASSERT_NO_FATAL_FAILURE(trial_.publish_all());
  trial_.expect_none_lost(scaled(1, 2, 20));
}

TEST_F(DeadLetterTopicTest, AnAbsentTopicDelaysNothingAndGetsAllOnceItIsThere) {
  kafka_.add_topic(kDead, 1);  // the broker makes a topic that somebody asks for, so it must be and be hidden
  kafka_.hide_topic(kDead);
  ASSERT_NO_FATAL_FAILURE(trial_.publish_all());
  ASSERT_NO_FATAL_FAILURE(trial_.expect_all_kept());
  kafka_.show_topic(kDead);
  trial_.expect_kept_ones_written();
}

}  // namespace
}  // namespace costdrift::tests
