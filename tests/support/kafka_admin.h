// KafkaAdmin: makes and changes topics on a real Kafka, for tests. Every call waits for the answer, and those that
// make, delete or grow a topic until every broker of the bootstrap list knows of it: the answer is the controller's
// alone.
//
// The embedded broker has no controller: these calls need Apache Kafka (scripts/kafka).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/result.h"

namespace costdrift::test {

class KafkaAdmin {
 public:
  explicit KafkaAdmin(std::string bootstrap);
  ~KafkaAdmin();

  // `settings` of the topic: "retention.bytes" and the like.
  core::Result<void> create_topic(const std::string& topic, int partitions,
                                  const std::map<std::string, std::string>& settings = {});
  core::Result<void> delete_topic(const std::string& topic);
  core::Result<void> set_partitions(const std::string& topic, int partitions);
  // Deletes the records of one partition before `offset`, as retention would.
  core::Result<void> delete_before(const std::string& topic, std::int32_t partition, std::int64_t offset);

  struct Range {
    std::int64_t low = 0;   // the first record that is left
    std::int64_t high = 0;  // behind the last one
  };
  core::Result<Range> range(const std::string& topic, std::int32_t partition);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::test
