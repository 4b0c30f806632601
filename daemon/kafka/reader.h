// KafkaReader: the partitions that are ours, read in step by event time (daemon/kafka/order.h).
//
// Threads  the stream thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/kafka/order.h"
#include "daemon/kafka/partition.h"
#include "daemon/kafka/statistics.h"
#include "daemon/log_source.h"

namespace costdrift::daemon {

class KafkaReader {
 public:
  // `keep_originals`: as KafkaPartition.
  KafkaReader(const core::Clock& clock, int wake_descriptor, bool keep_originals);

  // Before the partition is assigned to `consumer`. `offset` may be logical (< 0).
  void add(rd_kafka_t* consumer, const TopicPartition& name, std::size_t index, std::int64_t offset);
  // The index of the partition; nullopt: it was not ours. What was fetched of it is dropped.
  std::optional<std::size_t> remove(const TopicPartition& name);
  bool has(const TopicPartition& name) const { return partitions_.contains(name); }
  std::vector<TopicPartition> names() const;

  struct Trouble {
    TopicPartition name;
    std::int64_t next_offset = 0;
    KafkaPartition::Problem problem;
  };
  struct Reading {
    std::size_t records = 0;
    std::vector<Trouble> troubles;  // reading stopped at the first
  };
  // Hands over what may be read now, about `most` records.
  Reading read(LogHandler& handler, std::size_t most);

  // Calls on_caught_up for the partitions whose end of the log a broker has confirmed within the last five seconds:
  // while a leader is away, nobody knows what it holds.
  void report_caught_up(LogHandler& handler) const;
  void confirm_ends(const ClusterView& view);

  // A partition was assigned moments ago and has not answered; others wait for it.
  bool waits_for_first_answer() const;
  // A partition whose fetcher should be woken.
  std::optional<TopicPartition> runs_dry() const;
  // Records between our position and the end of the log, where the end is known.
  std::int64_t lag(rd_kafka_t* consumer) const;

 private:
  bool first_answer_due(const KafkaPartition& partition, core::MonotonicTime now) const;
  void look(const LogHandler& handler, core::MonotonicTime now);

  const core::Clock& clock_;
  const int wake_descriptor_;
  const bool keep_originals_;
  std::map<TopicPartition, std::unique_ptr<KafkaPartition>> partitions_;
  // Scratch of read(): the partitions and what is known of them, in the same order.
  std::vector<KafkaPartition*> order_;
  std::vector<PartitionView> views_;
};

}  // namespace costdrift::daemon
