#include "replay/kafka_span.h"

#include <algorithm>

#include "daemon/kafka/ranges.h"
#include "daemon/kafka/source.h"

namespace costdrift::replay {

class KafkaSpan::Handler final : public daemon::LogHandler {
 public:
  Handler(KafkaSpan& span, daemon::LogHandler& next) : span_(span), next_(next) {}

  Start on_assigned(const daemon::TopicPartition& name) override {
    Start start = next_.on_assigned(name);
    Partition& partition = span_.partitions_[name];
    partition.assigned = true;
    partition.ended = partition.range.low >= partition.range.high;
    span_.by_index_[start.index] = &partition;
    start.next_offset = partition.next = partition.range.low;
    start.repeat_last = false;
    return start;
  }
  void on_revoked(std::size_t partition, bool lost) override { next_.on_revoked(partition, lost); }
  void on_record(const daemon::LogRecord& record) override {
    Partition& partition = *span_.by_index_.at(record.partition);
    if (partition.ended || record.offset >= partition.range.high) {
      partition.ended = true;
      return;
    }
    ++span_.records_;
    partition.next = record.offset + 1;
    partition.ended = partition.next >= partition.range.high;
    next_.on_record(record);
  }
  void on_log_changed(std::size_t partition, const std::string& what) override {
    next_.on_log_changed(partition, what);
  }
  void on_caught_up(std::size_t partition) override {
    span_.by_index_.at(partition)->ended = true;
    next_.on_caught_up(partition);
  }
  core::EventTime newest_event(std::size_t partition) const override { return next_.newest_event(partition); }

 private:
  KafkaSpan& span_;
  daemon::LogHandler& next_;
};

KafkaSpan::KafkaSpan(std::unique_ptr<daemon::LogSource> source,
                     const std::map<daemon::TopicPartition, daemon::LogRange>& ranges)
    : source_(std::move(source)) {
  for (const auto& [name, range] : ranges) partitions_[name] = {.range = range, .next = range.low};
}

core::Result<std::unique_ptr<KafkaSpan>> KafkaSpan::open(const config::KafkaSettings& settings,
                                                         const core::Clock& clock, core::EventTime from) {
  config::KafkaSettings alone = settings;
  alone.group_id.clear();
  alone.start_from = "earliest";
  const auto ranges = daemon::find_log_ranges(alone, from);
  if (!ranges) return ranges.error();
  alone.dead_letter_topic.clear();  // replay keeps none
  auto source = daemon::make_kafka_source(alone, clock);
  if (!source) return source.error();
  return std::unique_ptr<KafkaSpan>(new KafkaSpan(*std::move(source), *ranges));
}

core::Result<void> KafkaSpan::poll(core::Duration timeout, daemon::LogHandler& handler) {
  Handler bounded(*this, handler);
  if (auto polled = source_->poll(timeout, bounded); !polled) return polled;
  // A partition that has ended must not hold the watermark, whatever its topic goes on to receive.
  for (const auto& [index, partition] : by_index_) {
    if (partition->ended) handler.on_caught_up(index);
  }
  return {};
}

void KafkaSpan::close(daemon::LogHandler& handler) {
  Handler bounded(*this, handler);
  source_->close(bounded);
}

bool KafkaSpan::finished() const {
  return std::all_of(partitions_.begin(), partitions_.end(),
                     [](const auto& item) { return item.second.assigned && item.second.ended; });
}

double KafkaSpan::progress() const {
  std::int64_t read = 0, total = 0;
  for (const auto& [name, partition] : partitions_) {
    read += partition.next - partition.range.low;
    total += partition.range.high - partition.range.low;
  }
  return total == 0 ? 1 : static_cast<double>(read) / static_cast<double>(total);
}

}  // namespace costdrift::replay
