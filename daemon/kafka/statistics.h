// What costdrift reads from librdkafka's statistics: which brokers answer, and who leads which partition.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/result.h"
#include "daemon/log_source.h"

namespace costdrift::daemon {

struct ClusterView {
  struct Broker {
    std::string name;      // "host:port"
    bool answers = false;  // connected, and it sent something in the last three seconds
    bool connected = false;
  };
  std::map<std::int32_t, Broker> brokers;  // by node id; -1: a bootstrap address that is not known as a node yet
  std::map<TopicPartition, std::int32_t> leaders;  // -1: none

  bool any_connected() const;
  // False also for a partition that is not known.
  bool leader_answers(const TopicPartition& partition) const;
};

// Error (internal): not the statistics of a consumer.
core::Result<ClusterView> parse_statistics(std::string_view json);

}  // namespace costdrift::daemon
