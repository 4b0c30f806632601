#include "tests/support/kafka_admin.h"

#include <librdkafka/rdkafka.h>

#include <functional>
#include <utility>

namespace costdrift::test {
namespace {

constexpr int kPatienceMs = 30'000;
constexpr std::size_t kTextBytes = 256;

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
  rd_kafka_t* handle = nullptr;

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
  char text[kTextBytes] = "";
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap.c_str(), text, sizeof text);
  impl_->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
  if (impl_->handle == nullptr) core::bug(text);
}

KafkaAdmin::~KafkaAdmin() { rd_kafka_destroy(impl_->handle); }

core::Result<void> KafkaAdmin::create_topic(const std::string& topic, int partitions) {
  char text[kTextBytes] = "";
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(topic.c_str(), partitions, -1, text, sizeof text);
  if (wanted == nullptr) return failed(text);
  auto outcome =
      impl_->answer_to([&](auto* queue) { rd_kafka_CreateTopics(impl_->handle, &wanted, 1, nullptr, queue); });
  rd_kafka_NewTopic_destroy(wanted);
  return outcome;
}

core::Result<void> KafkaAdmin::delete_topic(const std::string& topic) {
  rd_kafka_DeleteTopic_t* doomed = rd_kafka_DeleteTopic_new(topic.c_str());
  auto outcome =
      impl_->answer_to([&](auto* queue) { rd_kafka_DeleteTopics(impl_->handle, &doomed, 1, nullptr, queue); });
  rd_kafka_DeleteTopic_destroy(doomed);
  return outcome;
}

core::Result<void> KafkaAdmin::set_partitions(const std::string& topic, int partitions) {
  char text[kTextBytes] = "";
  auto* wanted = rd_kafka_NewPartitions_new(topic.c_str(), static_cast<std::size_t>(partitions), text, sizeof text);
  if (wanted == nullptr) return failed(text);
  auto outcome =
      impl_->answer_to([&](auto* queue) { rd_kafka_CreatePartitions(impl_->handle, &wanted, 1, nullptr, queue); });
  rd_kafka_NewPartitions_destroy(wanted);
  return outcome;
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

}  // namespace costdrift::test
