#include "tests/support/kafka_admin.h"

#include <librdkafka/rdkafka.h>

#include <functional>
#include <optional>
#include <sstream>
#include <utility>

#include "tests/support/await.h"

namespace costdrift::test {
namespace {

constexpr int kPatienceMs = 30'000;
constexpr std::size_t kTextBytes = 256;

rd_kafka_t* make_client(const std::string& bootstrap) {
  char text[kTextBytes] = "";
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap.c_str(), text, sizeof text);
  rd_kafka_conf_set_log_cb(conf, nullptr);
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (handle == nullptr) core::bug(text);
  return handle;
}

// What one broker knows. A client that has just one connection asks over that one.
class OneBroker {
 public:
  explicit OneBroker(const std::string& address) : handle_(make_client(address)) {}
  ~OneBroker() { rd_kafka_destroy(handle_); }
  OneBroker(const OneBroker&) = delete;
  OneBroker& operator=(const OneBroker&) = delete;

  // Partitions of the topic that have a leader; nullopt: no answer.
  std::optional<int> partitions_of(const std::string& topic) {
    rd_kafka_topic_t* named = rd_kafka_topic_new(handle_, topic.c_str(), nullptr);
    const rd_kafka_metadata_t* metadata = nullptr;
    std::optional<int> known;
    if (rd_kafka_metadata(handle_, 0, named, &metadata, kPatienceMs) == RD_KAFKA_RESP_ERR_NO_ERROR) {
      known = 0;
      const auto& found = metadata->topics[0];
      for (int i = 0; i < found.partition_cnt; ++i) known = *known + (found.partitions[i].leader >= 0 ? 1 : 0);
      rd_kafka_metadata_destroy(metadata);
    }
    rd_kafka_topic_destroy(named);
    return known;
  }

 private:
  rd_kafka_t* handle_;
};

core::Error failed(const std::string& what) { return core::fail(core::ErrorCode::unavailable, "Kafka: " + what); }

core::Result<void> outcome_of_topics(const rd_kafka_topic_result_t** results, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (rd_kafka_topic_result_error(results[i]) == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    return failed(std::string(rd_kafka_topic_result_name(results[i])) + ": " +
                  rd_kafka_err2str(rd_kafka_topic_result_error(results[i])));
  }
  return {};
}

core::Result<void> outcome_of_records(const rd_kafka_topic_partition_list_t* partitions) {
  for (int i = 0; i < partitions->cnt; ++i) {
    if (partitions->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
      return failed(rd_kafka_err2str(partitions->elems[i].err));
  }
  return {};
}

core::Result<void> outcome_of(rd_kafka_event_t* event) {
  if (event == nullptr) return failed("no answer");
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(rd_kafka_event_error_string(event));
  std::size_t count = 0;
  if (const auto* created = rd_kafka_event_CreateTopics_result(event)) {
    return outcome_of_topics(rd_kafka_CreateTopics_result_topics(created, &count), count);
  }
  if (const auto* deleted = rd_kafka_event_DeleteTopics_result(event)) {
    return outcome_of_topics(rd_kafka_DeleteTopics_result_topics(deleted, &count), count);
  }
  if (const auto* grown = rd_kafka_event_CreatePartitions_result(event)) {
    return outcome_of_topics(rd_kafka_CreatePartitions_result_topics(grown, &count), count);
  }
  return outcome_of_records(rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event)));
}

}  // namespace

struct KafkaAdmin::Impl {
  std::string bootstrap;
  rd_kafka_t* handle = nullptr;

  // Passes a failure on; otherwise waits until every broker knows so many partitions of the topic.
  core::Result<void> known_everywhere(core::Result<void> done, const std::string& topic, int partitions) const {
    if (!done) return done;
    std::istringstream addresses(bootstrap);
    for (std::string address; std::getline(addresses, address, ',');) {
      OneBroker broker(address);
      const bool known = tests::await([&] { return broker.partitions_of(topic) == partitions; },
                                      std::chrono::milliseconds(kPatienceMs));
      if (!known) return failed("the broker at " + address + " does not learn of the change of topic " + topic);
    }
    return {};
  }

  // `ask` sends the request; its answer comes to the queue.
  core::Result<void> answer_to(const std::function<void(rd_kafka_queue_t*)>& ask) {
    rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
    ask(queue);
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kPatienceMs);
    auto outcome = outcome_of(event);
    if (event != nullptr) rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    return outcome;
  }
};

KafkaAdmin::KafkaAdmin(std::string bootstrap) : impl_(std::make_unique<Impl>()) {
  impl_->handle = make_client(bootstrap);
  impl_->bootstrap = std::move(bootstrap);
}

KafkaAdmin::~KafkaAdmin() { rd_kafka_destroy(impl_->handle); }

core::Result<void> KafkaAdmin::create_topic(const std::string& topic, int partitions,
                                            const std::map<std::string, std::string>& settings) {
  char text[kTextBytes] = "";
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, -1, text, sizeof text);
  if (wanted == nullptr) return failed(text);
  for (const auto& [name, value] : settings) rd_kafka_NewTopic_set_config(wanted, name.c_str(), value.c_str());
  auto outcome =
      impl_->answer_to([&](auto* queue) { rd_kafka_CreateTopics(impl_->handle, &wanted, 1, nullptr, queue); });
  rd_kafka_NewTopic_destroy(wanted);
  return impl_->known_everywhere(std::move(outcome), topic, partitions);
}

core::Result<void> KafkaAdmin::delete_topic(const std::string& topic) {
  rd_kafka_DeleteTopic_t* doomed = rd_kafka_DeleteTopic_new(topic.c_str());
  auto outcome =
      impl_->answer_to([&](auto* queue) { rd_kafka_DeleteTopics(impl_->handle, &doomed, 1, nullptr, queue); });
  rd_kafka_DeleteTopic_destroy(doomed);
  return impl_->known_everywhere(std::move(outcome), topic, 0);
}

core::Result<void> KafkaAdmin::set_partitions(const std::string& topic, int partitions) {
  char text[kTextBytes] = "";
  auto* wanted = rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), text, sizeof text);
  if (wanted == nullptr) return failed(text);
  auto outcome =
      impl_->answer_to([&](auto* queue) { rd_kafka_CreatePartitions(impl_->handle, &wanted, 1, nullptr, queue); });
  rd_kafka_NewPartitions_destroy(wanted);
  return impl_->known_everywhere(std::move(outcome), topic, partitions);
}

core::Result<void> KafkaAdmin::delete_before(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = offset;
  rd_kafka_DeleteRecords_t* doomed = rd_kafka_DeleteRecords_new(list);
  rd_kafka_topic_partition_list_destroy(list);
  auto outcome =
      impl_->answer_to([&](auto* queue) { rd_kafka_DeleteRecords(impl_->handle, &doomed, 1, nullptr, queue); });
  rd_kafka_DeleteRecords_destroy(doomed);
  return outcome;
}

core::Result<KafkaAdmin::Range> KafkaAdmin::range(const std::string& topic, std::int32_t partition) {
  Range range;
  const auto code =
      rd_kafka_query_watermark_offsets(impl_->handle, topic.c_str(), partition, &range.low, &range.high, kPatienceMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return failed(rd_kafka_err2str(code));
  return range;
}

}  // namespace costdrift::test
