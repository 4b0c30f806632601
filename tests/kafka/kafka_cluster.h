// KafkaClusterTest: a KafkaTopicTest that stops and starts brokers. Skipped unless the Apache Kafka of COSTDRIFT_KAFKA
// is the one that `scripts/kafka start --brokers 3` of this tree started; leaves all three running.
#pragma once

#include "tests/kafka/kafka_topic.h"
#include "tests/support/places.h"
#include "tests/support/process.h"

namespace costdrift::test {

class KafkaClusterTest : public KafkaTopicTest {
 protected:
  void SetUp() override {
    KafkaTopicTest::SetUp();
    if (IsSkipped()) return;
    std::string status;
    const int exit = tests::run({tests::source_path("scripts/kafka"), "status"}, &status);
    ours_ = exit == 0 && status.find("3 broker(s): " + bootstrap_) != std::string::npos;
    if (!ours_) GTEST_SKIP() << "this test stops brokers: it needs those of scripts/kafka start --brokers 3";
  }
  void TearDown() override {
    if (ours_) brokers("start-broker", "1 2 3");
    KafkaTopicTest::TearDown();
  }
  // scripts/kafka COMMAND with the ids, separated by blanks; returns when it is done.
  static void brokers(const std::string& command, const std::string& ids = "") {
    const std::string line = tests::source_path("scripts/kafka") + " " + command + " " + ids;
    std::string out, err;
    ASSERT_EQ(tests::run({"/bin/sh", "-c", line}, &out, &err), 0) << line << ": " << err;
  }

 private:
  bool ours_ = false;
};

}  // namespace costdrift::test
