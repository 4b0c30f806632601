#include "daemon/kafka/ranges.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <memory>

#include "core/text.h"
#include "daemon/kafka/consumer.h"

namespace costdrift::daemon {
namespace {

constexpr core::Duration kPatience = core::seconds(10);
constexpr int kAnswerWithinMs = 10'000;

// Whoever only asks has nobody to tell; what failed shows in the answer.
class NoEvents final : public KafkaEvents {
 public:
  void on_group_assigned(const std::vector<TopicPartition>&) override {}
  void on_group_revoked(const std::vector<TopicPartition>&, bool) override {}
  void on_client_error(int, std::string_view, bool) override {}
  void on_statistics(std::string_view) override {}
};

core::Error cannot_ask(const config::KafkaSettings& settings, const std::string& why) {
  return core::fail(core::ErrorCode::unavailable, "asking " + settings.brokers + " for the logs' ranges: " + why);
}

core::Result<int> partition_count(rd_kafka_t* client, const config::KafkaSettings& settings, const std::string& topic) {
  const std::unique_ptr<rd_kafka_topic_t, decltype(&rd_kafka_topic_destroy)> handle(
      rd_kafka_topic_new(client, topic.c_str(), nullptr), rd_kafka_topic_destroy);
  const rd_kafka_metadata_t* metadata = nullptr;
  const auto code = rd_kafka_metadata(client, 0, handle.get(), &metadata, kAnswerWithinMs);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return cannot_ask(settings, rd_kafka_err2str(code));
  const std::unique_ptr<const rd_kafka_metadata_t, decltype(&rd_kafka_metadata_destroy)> owned(
      metadata, rd_kafka_metadata_destroy);
  if (metadata->topic_cnt != 1 || metadata->topics[0].err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return cannot_ask(settings, "topic " + topic + " does not exist or may not be read; check kafka.topics");
  }
  return metadata->topics[0].partition_cnt;
}

// The first offset at or after `from` by the broker's timestamps; nullopt: the broker cannot tell.
std::optional<std::int64_t> offset_at(rd_kafka_t* client, const TopicPartition& partition, core::EventTime from) {
  const std::unique_ptr<rd_kafka_topic_partition_list_t, decltype(&rd_kafka_topic_partition_list_destroy)> list(
      rd_kafka_topic_partition_list_new(1), rd_kafka_topic_partition_list_destroy);
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(), partition.partition)->offset =
      std::max<std::int64_t>(0, from.us / 1000);
  if (rd_kafka_offsets_for_times(client, list.get(), kAnswerWithinMs) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  if (list->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR || list->elems[0].offset < 0) return std::nullopt;
  return list->elems[0].offset;
}

}  // namespace

core::Result<std::map<TopicPartition, LogRange>> find_log_ranges(const config::KafkaSettings& settings,
                                                                 core::EventTime from) {
  const auto properties = kafka_properties(settings, "replay");
  if (!properties) return properties.error();
  NoEvents events;
  const KafkaWakeup wakeup;
  const auto client = KafkaConsumer::create(*properties, events, wakeup);
  if (!client) return client.error();
  std::map<TopicPartition, LogRange> ranges;
  for (const auto& topic : settings.topics) {
    const auto count = partition_count((*client)->handle(), settings, topic.name);
    if (!count) return count.error();
    for (std::int32_t number = 0; number < *count; ++number) {
      const auto& only = settings.partitions;
      if (!only.empty() && std::find(only.begin(), only.end(), number) == only.end()) continue;
      const TopicPartition name{topic.name, number};
      auto range = ask_log_range((*client)->handle(), name, kPatience);
      if (!range)
        return cannot_ask(settings, "the leader of " + topic.name + "/" + std::to_string(number) + " does not answer");
      if (from != core::EventTime::min()) {
        const auto offset = offset_at((*client)->handle(), name, from);
        range->low = std::clamp(offset.value_or(range->low), range->low, range->high);
      }
      ranges[name] = *range;
    }
  }
  if (ranges.empty())
    return cannot_ask(settings, "no partition is to be read; check kafka.topics and kafka.partitions");
  return ranges;
}

}  // namespace costdrift::daemon
