#include "daemon/dead_letters/dead_letters.h"

#include <utility>

namespace costdrift::daemon {

DeadLetters::DeadLetters(state::Store& store, DeadLetterTopic& topic, DeadLetterLimits limits)
    : rows_(store, state::KeySpace::dead_letters), topic_(topic), limits_(limits) {}

void DeadLetters::load() {
  std::vector<DeadLetter> left;
  rows_.scan([&](std::string_view key, std::string_view value) {
    auto letter = decode_dead_letter(key, value);
    if (!letter) {
      rows_.report_unreadable(key);
      return true;
    }
    ++statistics_.pending;
    pending_bytes_ += letter->bytes();
    left.push_back(*std::move(letter));
    return true;
  });
  if (!left.empty()) topic_.send(std::move(left));
}

void DeadLetters::keep(const TopicPartition& source, std::int64_t epoch, const DecodedRecord& record) {
  const std::size_t bytes = record.record.value.size() + record.record.original.size();
  if (bytes > limits_.bytes_each) {
    ++statistics_.too_large;
    return;
  }
  if (statistics_.pending >= limits_.letters || pending_bytes_ + bytes > limits_.bytes) {
    ++statistics_.too_many;
    return;
  }
  const auto rejected = static_cast<std::int64_t>(record.rejections.size());
  DeadLetter letter{.source = source,
                    .log_epoch = epoch,
                    .offset = record.record.offset,
                    .reason = std::string(reject_name(record.rejections.front().reason)),
                    .detail = record.rejections.front().detail,
                    .rejected = rejected,
                    .events = rejected + static_cast<std::int64_t>(record.events.size()),
                    .original = std::string(record.record.original),
                    .value = std::string(record.record.value)};
  rows_.put(dead_letter_key(letter), encode_dead_letter(letter));
  ++statistics_.pending;
  pending_bytes_ += bytes;
  fresh_.push_back(std::move(letter));
}

void DeadLetters::settle() {
  for (const auto& settled : topic_.take_settled()) {
    rows_.erase(settled.key);
    --statistics_.pending;
    pending_bytes_ -= settled.bytes;
    ++(settled.written ? statistics_.written : statistics_.refused);
  }
}

void DeadLetters::committed() {
  if (!fresh_.empty()) topic_.send(std::exchange(fresh_, {}));
}

DeadLetterStatistics DeadLetters::statistics() const {
  DeadLetterStatistics statistics = statistics_;
  statistics.problem = topic_.problem();
  return statistics;
}

}  // namespace costdrift::daemon
