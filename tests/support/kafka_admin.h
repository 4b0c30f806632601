// KafkaAdmin: makes and changes topics on a real Kafka, for tests. Every call waits for the brokers' answer.
//
// The embedded broker has no controller: these calls need Apache Kafka (scripts/kafka).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"

namespace costdrift::test {

class KafkaAdmin {
 public:
  explicit KafkaAdmin(std::string bootstrap);
  ~KafkaAdmin();

  core::Result<void> create_topic(const std::string& topic, int partitions);
  core::Result<void> delete_topic(const std::string& topic);
  core::Result<void> set_partitions(const std::string& topic, int partitions);
  // Deletes the records of one partition before `offset`, as retention would.
  core::Result<void> delete_before(const std::string& topic, std::int32_t partition, std::int64_t offset);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::test
