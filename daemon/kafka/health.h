// KafkaHealth: what is wrong between costdrift and its brokers, as one sentence for a person. Two seconds without a
// broker, at the start or later, are no problem yet.
//
// Threads  report() from any; the rest from the stream thread.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "core/clock.h"
#include "daemon/kafka/statistics.h"
#include "daemon/log_source.h"

namespace costdrift::daemon {

class KafkaHealth {
 public:
  KafkaHealth(std::string brokers, const core::Clock& clock);

  // Fresh statistics; `ours` are the partitions that are being read (none yet: any broker will do).
  void note_cluster(const ClusterView& view, const std::vector<TopicPartition>& ours);
  // A broker has answered a question / none has. Before the first partition is assigned.
  void note_contact(bool answered);
  void note_missing(std::vector<std::string> sentences);
  // librdkafka's word for what went wrong last. `advice` is what to check, empty: kafka.brokers.
  void note_client_error(std::string_view text, std::string advice);
  // A partition or the group cannot go on; forgotten after ten seconds without repetition.
  void note_problem(std::string sentence);
  void note_failure(std::string sentence);  // final
  void note_lag(std::int64_t lag);

  LogSource::Health report() const;

 private:
  std::string problem() const;
  std::string no_contact_sentence() const;
  void set_connected(bool connected);

  const std::string brokers_;
  const core::Clock& clock_;
  mutable std::mutex mutex_;
  bool connected_ = false;
  core::WallTime silent_since_;
  core::MonotonicTime silent_from_;
  std::string last_error_, advice_;
  std::vector<TopicPartition> silent_partitions_;
  core::WallTime partitions_silent_since_;
  std::vector<std::string> missing_;
  std::string passing_problem_, failure_;
  core::MonotonicTime passing_problem_at_;
  std::int64_t lag_ = 0;
};

}  // namespace costdrift::daemon
