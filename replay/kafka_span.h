// KafkaSpan: what the configured topics hold of a span of time, as a log that ends. Reads through the daemon's own
// KafkaSource, joins no group, commits nothing, and stops at the end that every partition had when it was opened.
//
// Threads  one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "config/settings.h"
#include "daemon/kafka/probe.h"
#include "daemon/log_source.h"

namespace costdrift::replay {

class KafkaSpan final : public daemon::LogSource {
 public:
  // Asks the brokers where the span begins. Errors: unavailable, config.
  static core::Result<std::unique_ptr<KafkaSpan>> open(const config::KafkaSettings& settings, const core::Clock& clock,
                                                       core::EventTime from);

  core::Result<void> poll(core::Duration timeout, daemon::LogHandler& handler) override;
  Health health() const override { return source_->health(); }
  void close(daemon::LogHandler& handler) override;

  // Every partition is read to its end.
  bool finished() const;
  std::int64_t records() const { return records_; }
  // 0..1 of the records that there were when it was opened.
  double progress() const;

 private:
  struct Partition {
    daemon::LogRange range;
    std::int64_t next = 0;
    bool assigned = false, ended = false;
  };
  class Handler;
  KafkaSpan(std::unique_ptr<daemon::LogSource> source,
            const std::map<daemon::TopicPartition, daemon::LogRange>& ranges);

  std::unique_ptr<daemon::LogSource> source_;
  std::map<daemon::TopicPartition, Partition> partitions_;
  std::map<std::size_t, Partition*> by_index_;
  std::int64_t records_ = 0;
};

}  // namespace costdrift::replay
