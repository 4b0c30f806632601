// KafkaConsumer: one librdkafka consumer handle: properties in, callbacks as virtual calls, and an end that is bounded.
//
// Threads  everything from the stream thread; handle() may be used by another thread that ends first (KafkaProbe).
// Callbacks come from serve() and close_group() only.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/kafka/properties.h"
#include "daemon/kafka/wakeup.h"
#include "daemon/log_source.h"

using rd_kafka_t = struct rd_kafka_s;
using rd_kafka_conf_t = struct rd_kafka_conf_s;

namespace costdrift::daemon {

class KafkaEvents {
 public:
  virtual ~KafkaEvents() = default;
  // Group mode only. The receiver answers with assign() or unassign() before it returns.
  virtual void on_group_assigned(const std::vector<TopicPartition>& partitions) = 0;
  virtual void on_group_revoked(const std::vector<TopicPartition>& partitions, bool lost) = 0;
  // `code` is an rd_kafka_resp_err_t; temporary unless `fatal`.
  virtual void on_client_error(int code, std::string_view text, bool fatal) = 0;
  virtual void on_statistics(std::string_view json) = 0;
};

struct PartitionStart {
  TopicPartition name;
  std::int64_t offset = 0;
};

class KafkaConsumer {
 public:
  // Error (config): librdkafka does not know a property or cannot use its value. Contacts nothing by itself.
  static core::Result<std::unique_ptr<KafkaConsumer>> create(const KafkaProperties& properties, KafkaEvents& events,
                                                             const KafkaWakeup& wakeup);
  // Ends the handle without leaving a group; waits two seconds at most and lets the rest happen behind.
  ~KafkaConsumer();
  KafkaConsumer(const KafkaConsumer&) = delete;
  KafkaConsumer& operator=(const KafkaConsumer&) = delete;

  // Delivers what waits in the common queue: errors, statistics, assignments. Does not wait.
  void serve();

  core::Result<void> subscribe(const std::vector<std::string>& topics);
  // Adds to, or takes from, what is consumed. Error (internal): librdkafka's text.
  core::Result<void> assign(const std::vector<PartitionStart>& added);
  core::Result<void> unassign(const std::vector<TopicPartition>& removed);

  // Leaves the group; the partitions are revoked through the events. False: not done within `patience`.
  bool close_group(core::Duration patience);

  rd_kafka_t* handle() const { return handle_; }

  // For librdkafka's callbacks.
  void rebalance(int code, const void* partitions);
  KafkaEvents& events() { return events_; }

 private:
  explicit KafkaConsumer(KafkaEvents& events) : events_(events) {}
  bool is_eager() const;

  KafkaEvents& events_;
  rd_kafka_t* handle_ = nullptr;
};

// For every kind of client. Error (config): librdkafka does not know a property or cannot use its value.
core::Result<void> set_properties(rd_kafka_conf_t* conf, const KafkaProperties& properties);
// rd_kafka_destroy() of 2.0.2 can wait for ever for a broker that hangs: it runs on a thread that may be left behind.
void destroy_within(rd_kafka_t* handle, core::Duration patience);

}  // namespace costdrift::daemon
