#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdio>
#include <fstream>

#include "daemon/kafka/properties.h"

namespace costdrift::daemon {
namespace {

config::KafkaSettings settings_with(std::map<std::string, std::string> properties) {
  config::KafkaSettings settings;
  settings.brokers = "localhost:9092";
  settings.topics = {{"llm.usage", "canonical"}};
  settings.properties = std::move(properties);
  return settings;
}

std::string error_of(std::map<std::string, std::string> properties) {
  const auto result = kafka_properties(settings_with(std::move(properties)), "host");
  if (result) return "";
  EXPECT_EQ(result.error().code, core::ErrorCode::config);
  return result.error().message;
}

TEST(KafkaProperties, CountingOnceIsForced) {
  const auto result = kafka_properties(settings_with({}), "host");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->at("enable.auto.commit"), "false");
  EXPECT_EQ(result->at("enable.auto.offset.store"), "false");
  EXPECT_EQ(result->at("auto.offset.reset"), "error");
  EXPECT_EQ(result->at("bootstrap.servers"), "localhost:9092");
  EXPECT_EQ(result->at("client.id"), "costdrift-host");
  EXPECT_FALSE(result->contains("group.instance.id"));
}

TEST(KafkaProperties, AGroupMemberIsStatic) {
  auto settings = settings_with({{"client.id", "second"}});
  settings.group_id = "finops";
  const auto result = kafka_properties(settings, "host");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->at("group.id"), "finops");
  EXPECT_EQ(result->at("group.instance.id"), "second");
}

TEST(KafkaProperties, TheOperatorsWordWinsOverDefaults) {
  const auto result =
      kafka_properties(settings_with({{"fetch.wait.max.ms", "5"}, {"security.protocol", "ssl"}}), "host");
  ASSERT_TRUE(result);
  EXPECT_EQ(result->at("fetch.wait.max.ms"), "5");
  EXPECT_EQ(result->at("security.protocol"), "ssl");
}

TEST(KafkaProperties, ForcedOnesAreRefusedWithTheReason) {
  EXPECT_NE(error_of({{"enable.auto.commit", "true"}}).find("every event counts once"), std::string::npos);
  EXPECT_NE(error_of({{"enable.auto.offset.store", "true"}}).find("every event counts once"), std::string::npos);
  EXPECT_NE(error_of({{"auto.offset.reset", "latest"}}).find("kafka.start_from"), std::string::npos);
  EXPECT_NE(error_of({{"group.id", "x"}}).find("kafka.group_id"), std::string::npos);
}

TEST(KafkaProperties, ASecretComesFromItsFile) {
  const std::string path = ::testing::TempDir() + "kafka_password";
  std::ofstream(path) << "hunter2\n";
  chmod(path.c_str(), 0600);
  const auto result = kafka_properties(settings_with({{"sasl.password_file", path}}), "host");
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->at("sasl.password"), "hunter2");
  EXPECT_FALSE(result->contains("sasl.password_file"));

  const std::string twice = error_of({{"sasl.password_file", path}, {"sasl.password", "y"}});
  EXPECT_NE(twice.find("given twice"), std::string::npos) << twice;
  std::remove(path.c_str());
  const std::string gone = error_of({{"sasl.password_file", path}});
  EXPECT_NE(gone.find(path), std::string::npos) << gone;
}

TEST(KafkaProperties, TheMemoryOfTheQueuesIsShared) {
  auto result = kafka_properties(settings_with({{"queued.max.messages.kbytes", "65536"}}), "host");
  ASSERT_TRUE(result);
  KafkaProperties few = *result, many = *result;
  share_queue_memory(few, 8);
  EXPECT_EQ(few["queued.max.messages.kbytes"], "8192");
  EXPECT_EQ(few["fetch.message.max.bytes"], "1048576");
  share_queue_memory(many, 256);
  EXPECT_EQ(many["queued.max.messages.kbytes"], "256");
  EXPECT_EQ(many["fetch.message.max.bytes"], "131072");
}

}  // namespace
}  // namespace costdrift::daemon
