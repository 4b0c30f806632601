#include "daemon/kafka/reader.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <chrono>

namespace costdrift::daemon {
namespace {

constexpr std::size_t kTurn = 500;  // records of one partition before the choice is made anew
constexpr std::chrono::seconds kFirstAnswerGrace{3};
constexpr std::chrono::seconds kConfirmedFor{5};

}  // namespace

KafkaReader::KafkaReader(const core::Clock& clock, int wake_descriptor, bool keep_originals)
    : clock_(clock), wake_descriptor_(wake_descriptor), keep_originals_(keep_originals) {}

void KafkaReader::add(rd_kafka_t* consumer, const TopicPartition& name, std::size_t index, std::int64_t offset) {
  partitions_[name] = std::make_unique<KafkaPartition>(consumer, name, index, offset, wake_descriptor_,
                                                       clock_.monotonic_now(), keep_originals_);
}

std::optional<std::size_t> KafkaReader::remove(const TopicPartition& name) {
  const auto found = partitions_.find(name);
  if (found == partitions_.end()) return std::nullopt;
  const std::size_t index = found->second->index();
  partitions_.erase(found);
  return index;
}

std::vector<TopicPartition> KafkaReader::names() const {
  std::vector<TopicPartition> result;
  for (const auto& [name, partition] : partitions_) result.push_back(name);
  return result;
}

bool KafkaReader::first_answer_due(const KafkaPartition& partition, core::MonotonicTime now) const {
  return !partition.answered() && now - partition.assigned_at() < kFirstAnswerGrace;
}

void KafkaReader::look(const LogHandler& handler, core::MonotonicTime now) {
  order_.clear();
  views_.clear();
  for (const auto& [name, partition] : partitions_) {
    const bool ready = partition->ready();
    order_.push_back(partition.get());
    views_.push_back(
        {handler.newest_event(partition->index()), ready, partition->at_end(), first_answer_due(*partition, now)});
  }
}

KafkaReader::Reading KafkaReader::read(LogHandler& handler, std::size_t most) {
  Reading total;
  const auto now = clock_.monotonic_now();
  while (total.records < most && total.troubles.empty()) {
    look(handler, now);
    const auto chosen = next_to_read(views_);
    if (!chosen) break;
    KafkaPartition& partition = *order_[*chosen];
    const auto turn = partition.read(handler, read_limit(views_, *chosen), std::min(kTurn, most - total.records), now);
    total.records += turn.records;
    if (turn.problem) total.troubles.push_back({partition.name(), partition.next_offset(), *turn.problem});
    if (turn.records == 0 && !turn.reached_end) break;  // its queue held records of an earlier assignment only
  }
  return total;
}

void KafkaReader::report_caught_up(LogHandler& handler) const {
  const auto now = clock_.monotonic_now();
  for (const auto& [name, partition] : partitions_) {
    const auto confirmed_at = partition->confirmed_at();
    if (partition->at_end() && confirmed_at && now - *confirmed_at < kConfirmedFor)
      handler.on_caught_up(partition->index());
  }
}

void KafkaReader::confirm_ends(const ClusterView& view) {
  const auto now = clock_.monotonic_now();
  for (const auto& [name, partition] : partitions_) {
    if (view.leader_answers(name)) {
      partition->confirm(now);
    } else {
      partition->doubt();
    }
  }
}

bool KafkaReader::waits_for_first_answer() const {
  const auto now = clock_.monotonic_now();
  return std::any_of(partitions_.begin(), partitions_.end(),
                     [&](const auto& entry) { return first_answer_due(*entry.second, now); });
}

std::optional<TopicPartition> KafkaReader::runs_dry() const {
  for (const auto& [name, partition] : partitions_) {
    if (partition->runs_dry()) return name;
  }
  return std::nullopt;
}

std::int64_t KafkaReader::lag(rd_kafka_t* consumer) const {
  std::int64_t total = 0;
  for (const auto& [name, partition] : partitions_) {
    std::int64_t low = RD_KAFKA_OFFSET_INVALID, high = RD_KAFKA_OFFSET_INVALID;
    rd_kafka_get_watermark_offsets(consumer, name.topic.c_str(), name.partition, &low, &high);
    if (high < 0 || partition->at_end()) continue;
    const bool started = partition->next_offset() >= 0;
    const std::int64_t next = started ? partition->next_offset() : std::max<std::int64_t>(0, low);
    total += std::max<std::int64_t>(0, high - next);
  }
  return total;
}

}  // namespace costdrift::daemon
