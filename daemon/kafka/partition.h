// KafkaPartition: one assigned partition: its librdkafka queue, what was taken from it, and how far it is read.
//
// Threads  the stream thread. No rebalance, pause or seek is in flight while it reads: they are served by the same
//          thread between reads, which is what makes librdkafka 2.0.2's batch call safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/log_source.h"

using rd_kafka_t = struct rd_kafka_s;
using rd_kafka_queue_t = struct rd_kafka_queue_s;
using rd_kafka_message_t = struct rd_kafka_message_s;

namespace costdrift::daemon {

class KafkaPartition {
 public:
  // Make it before the partition is assigned to the consumer, so that no record goes to the common queue. The queue
  // writes to `wake_descriptor` when it is no longer empty. `start` may be one of librdkafka's logical offsets (< 0).
  // `keep_originals`: records bring their key, headers and stamp (LogRecord::original).
  KafkaPartition(rd_kafka_t* consumer, TopicPartition name, std::size_t index, std::int64_t start, int wake_descriptor,
                 core::MonotonicTime assigned_at, bool keep_originals);
  ~KafkaPartition();  // what was fetched and not read is dropped
  KafkaPartition(const KafkaPartition&) = delete;
  KafkaPartition& operator=(const KafkaPartition&) = delete;

  struct Problem {
    int code = 0;  // rd_kafka_resp_err_t
    std::string text;
  };
  struct Reading {
    std::size_t records = 0;
    bool reached_end = false;
    std::optional<Problem> problem;  // reading stopped there
  };
  // Hands over up to `most` records, and none after the partition's newest event has passed `limit`.
  Reading read(LogHandler& handler, core::EventTime limit, std::size_t most, core::MonotonicTime now);

  bool ready() const;
  std::size_t queued() const;
  // The end of the log was seen and nothing has come since.
  bool at_end() const { return at_end_ && !ready(); }
  bool answered() const { return answered_; }

  // The moment at which the broker last proved that the end is the end; none while it is known to be away.
  void confirm(core::MonotonicTime now) { confirmed_at_ = now; }
  void doubt() { confirmed_at_.reset(); }
  std::optional<core::MonotonicTime> confirmed_at() const { return confirmed_at_; }
  core::MonotonicTime assigned_at() const { return assigned_at_; }

  const TopicPartition& name() const { return name_; }
  std::size_t index() const { return index_; }
  std::int64_t next_offset() const { return next_offset_; }  // < 0: nothing read yet and no stored position

  // The queue was long and has become short: time to wake the fetcher (see KafkaProbe::poke).
  bool runs_dry() const;

 private:
  bool take_more();
  void hand_over(rd_kafka_message_t* message, LogHandler& handler);

  TopicPartition name_;
  const bool keep_originals_;
  std::size_t index_;
  std::int64_t next_offset_;
  rd_kafka_queue_t* queue_;
  std::vector<rd_kafka_message_t*> taken_;
  std::size_t cursor_ = 0;
  std::size_t longest_queue_ = 0;  // since the end of the log was last seen
  bool at_end_ = false;
  bool answered_ = false;
  core::MonotonicTime assigned_at_;
  std::optional<core::MonotonicTime> confirmed_at_;
};

}  // namespace costdrift::daemon
