#include "daemon/kafka/consumer.h"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <utility>

namespace costdrift::daemon {
namespace {

constexpr int kTextBytes = 512;
constexpr core::Duration kDestroyPatience = core::seconds(2);

struct FreeList {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, FreeList>;

PartitionList empty_list() { return PartitionList(rd_kafka_topic_partition_list_new(8)); }

std::vector<TopicPartition> names_of(const rd_kafka_topic_partition_list_t& list) {
  std::vector<TopicPartition> names;
  for (int i = 0; i < list.cnt; ++i) names.push_back({list.elems[i].topic, list.elems[i].partition});
  return names;
}

core::Result<void> checked(rd_kafka_error_t* error, const char* action) {
  if (error == nullptr) return {};
  const std::string text = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  return core::fail(core::ErrorCode::internal, std::string(action) + ": " + text);
}

core::Result<void> checked(rd_kafka_resp_err_t code, const char* action) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
  return core::fail(core::ErrorCode::internal, std::string(action) + ": " + rd_kafka_err2str(code));
}

void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  static_cast<KafkaConsumer*>(opaque)->rebalance(code, partitions);
}

void on_error(rd_kafka_t* handle, int code, const char* reason, void* opaque) {
  const bool fatal = code == RD_KAFKA_RESP_ERR__FATAL;
  char text[kTextBytes] = "";
  if (fatal) code = rd_kafka_fatal_error(handle, text, sizeof text);
  static_cast<KafkaConsumer*>(opaque)->events().on_client_error(code, fatal ? text : reason, fatal);
}

int on_statistics(rd_kafka_t*, char* json, std::size_t size, void* opaque) {
  static_cast<KafkaConsumer*>(opaque)->events().on_statistics({json, size});
  return 0;  // librdkafka frees the text
}

void set_callbacks(rd_kafka_conf_t* conf, const KafkaProperties& properties, KafkaConsumer* consumer) {
  rd_kafka_conf_set_opaque(conf, consumer);
  rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_conf_set_stats_cb(conf, on_statistics);
  // What librdkafka logs also comes as an error or in the statistics; who sets `debug` wants to see it all.
  if (!properties.contains("debug")) rd_kafka_conf_set_log_cb(conf, nullptr);
}

}  // namespace

core::Result<void> set_properties(rd_kafka_conf_t* conf, const KafkaProperties& properties) {
  char text[kTextBytes] = "";
  for (const auto& [key, value] : properties) {
    if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK) {
      return core::fail(core::ErrorCode::config, "kafka.properties: " + key + ": " + text +
                                                     "; the known ones are in librdkafka's CONFIGURATION.md");
    }
  }
  return {};
}

void destroy_within(rd_kafka_t* handle, core::Duration patience) {
  struct Progress {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  const auto progress = std::make_shared<Progress>();
  std::thread([handle, progress] {
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    const std::lock_guard lock(progress->mutex);
    progress->done = true;
    progress->changed.notify_all();
  }).detach();
  std::unique_lock lock(progress->mutex);
  progress->changed.wait_for(lock, std::chrono::microseconds(patience.us), [&] { return progress->done; });
}

core::Result<std::unique_ptr<KafkaConsumer>> KafkaConsumer::create(const KafkaProperties& properties,
                                                                   KafkaEvents& events, const KafkaWakeup& wakeup) {
  std::unique_ptr<KafkaConsumer> consumer(new KafkaConsumer(events));
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (auto set = set_properties(conf, properties); !set) {
    rd_kafka_conf_destroy(conf);
    return set.error();
  }
  set_callbacks(conf, properties, consumer.get());
  char text[kTextBytes] = "";
  consumer->handle_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
  if (consumer->handle_ == nullptr) {
    rd_kafka_conf_destroy(conf);
    return core::fail(core::ErrorCode::config,
                      std::string("a Kafka consumer cannot be made from kafka.properties: ") + text);
  }
  rd_kafka_poll_set_consumer(consumer->handle_);
  rd_kafka_queue_t* common = rd_kafka_queue_get_consumer(consumer->handle_);
  const std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(common, wakeup.descriptor(), &one, sizeof one);
  rd_kafka_queue_destroy(common);
  return consumer;
}

KafkaConsumer::~KafkaConsumer() {
  if (handle_ == nullptr) return;
  if (rd_kafka_queue_t* common = rd_kafka_queue_get_consumer(handle_)) {
    rd_kafka_queue_io_event_enable(common, -1, nullptr, 0);
    rd_kafka_queue_destroy(common);
  }
  destroy_within(handle_, kDestroyPatience);
}

void KafkaConsumer::serve() {
  while (rd_kafka_message_t* message = rd_kafka_consumer_poll(handle_, 0)) {
    // Records go to the queues of their partitions; what comes here speaks of the group or of a topic.
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && message->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      events_.on_client_error(message->err, rd_kafka_message_errstr(message), false);
    }
    rd_kafka_message_destroy(message);
  }
}

core::Result<void> KafkaConsumer::subscribe(const std::vector<std::string>& topics) {
  const PartitionList list = empty_list();
  for (const auto& topic : topics) rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  return checked(rd_kafka_subscribe(handle_, list.get()), "subscribing to kafka.topics");
}

bool KafkaConsumer::is_eager() const { return std::string_view(rd_kafka_rebalance_protocol(handle_)) == "EAGER"; }

core::Result<void> KafkaConsumer::assign(const std::vector<PartitionStart>& added) {
  const PartitionList list = empty_list();
  for (const auto& start : added) {
    rd_kafka_topic_partition_list_add(list.get(), start.name.topic.c_str(), start.name.partition)->offset =
        start.offset;
  }
  if (is_eager()) return checked(rd_kafka_assign(handle_, list.get()), "taking over partitions");
  return checked(rd_kafka_incremental_assign(handle_, list.get()), "taking over partitions");
}

core::Result<void> KafkaConsumer::unassign(const std::vector<TopicPartition>& removed) {
  if (is_eager()) return checked(rd_kafka_assign(handle_, nullptr), "giving up partitions");
  const PartitionList list = empty_list();
  for (const auto& name : removed) rd_kafka_topic_partition_list_add(list.get(), name.topic.c_str(), name.partition);
  return checked(rd_kafka_incremental_unassign(handle_, list.get()), "giving up partitions");
}

void KafkaConsumer::rebalance(int code, const void* partitions) {
  const auto names = names_of(*static_cast<const rd_kafka_topic_partition_list_t*>(partitions));
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    events_.on_group_assigned(names);
  } else {
    events_.on_group_revoked(names, rd_kafka_assignment_lost(handle_) != 0);
  }
}

bool KafkaConsumer::close_group(core::Duration patience) {
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle_);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::microseconds(patience.us);
  rd_kafka_error_t* error = rd_kafka_consumer_close_queue(handle_, queue);
  if (error != nullptr) rd_kafka_error_destroy(error);
  while (error == nullptr && rd_kafka_consumer_closed(handle_) == 0 && std::chrono::steady_clock::now() < deadline) {
    rd_kafka_queue_poll_callback(queue, 50);
  }
  const bool closed = rd_kafka_consumer_closed(handle_) != 0;
  rd_kafka_queue_destroy(queue);
  return closed;
}

}  // namespace costdrift::daemon
