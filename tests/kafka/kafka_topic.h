// KafkaTopicTest: a test with a topic of its own on the Apache Kafka of COSTDRIFT_KAFKA; skipped without it.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>

#include "tests/support/kafka_admin.h"

namespace costdrift::test {

class KafkaTopicTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* bootstrap = std::getenv("COSTDRIFT_KAFKA");
    if (bootstrap == nullptr) {
      GTEST_SKIP() << "COSTDRIFT_KAFKA is not set: start a broker with scripts/kafka start and set it to the address "
                      "that is printed";
    }
    bootstrap_ = bootstrap;
    topic_ = std::string("costdrift-test-") + ::testing::UnitTest::GetInstance()->current_test_info()->name() + "-" +
             std::to_string(getpid());
    admin_ = std::make_unique<KafkaAdmin>(bootstrap_);
  }
  void TearDown() override {
    if (admin_) (void)admin_->delete_topic(topic_);
  }
  void create_topic(int partitions) {
    const auto created = admin_->create_topic(topic_, partitions);
    ASSERT_TRUE(created) << created.error().message << "; does Kafka run at " << bootstrap_ << "?";
  }

  std::string bootstrap_, topic_;
  std::unique_ptr<KafkaAdmin> admin_;
};

}  // namespace costdrift::test
