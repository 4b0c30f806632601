// Records of a Kafka topic with everything they hold, written and read by librdkafka itself, for tests.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/dead_letters/dead_letter.h"

namespace costdrift::tests {

struct KafkaRecord {
  std::optional<std::string> key, value;  // nullopt: null
  std::vector<daemon::RecordHeader> headers;
  std::int64_t offset = -1;  // of one that was read
};

// Writes them in order and each once, whatever brokers do, with the stamp of now; waits a minute for their answers.
// False: not all were taken.
[[nodiscard]] bool write_records(const std::string& bootstrap, const std::string& topic, std::int32_t partition,
                                 const std::vector<KafkaRecord>& records);

// Everything that one partition holds now. Gives up, and the test fails, when its end is not reached within `patience`.
std::vector<KafkaRecord> read_records(const std::string& bootstrap, const std::string& topic, std::int32_t partition,
                                      std::chrono::milliseconds patience = std::chrono::seconds(10));

// The last header of that name; empty: none, or null.
std::string header_of(const KafkaRecord& record, const std::string& name);

}  // namespace costdrift::tests
