#include "daemon/kafka/partition.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <utility>

#include "daemon/dead_letters/dead_letter.h"

namespace costdrift::daemon {
namespace {

constexpr std::size_t kBatch = 500;
constexpr std::size_t kLongQueue = 1'000;

constexpr std::int64_t kOldestStamp_ms = 1'577'836'800'000;  // 2020-01-01: before it, nobody set the stamp
constexpr std::int64_t kNewestStamp_ms = 7'258'118'400'000;  // 2200-01-01: beyond it, it is no time

// When the broker or, as the topic says, the client library of the producer stamped the record.
void take_stamp(const rd_kafka_message_t& message, LogRecord& record) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t ms = rd_kafka_message_timestamp(&message, &type);
  if (type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || ms < kOldestStamp_ms || ms > kNewestStamp_ms) return;
  record.appended_at = core::WallTime{ms * 1'000};
  record.stamped_by_producer = type != RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
}

std::vector<RecordHeader> headers_of(const rd_kafka_message_t& message) {
  std::vector<RecordHeader> result;
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return result;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t bytes = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &bytes) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    RecordHeader& header = result.emplace_back(RecordHeader{name, std::nullopt});
    if (value != nullptr) header.value.emplace(static_cast<const char*>(value), bytes);
  }
  return result;
}

std::string original_of(const rd_kafka_message_t& message) {
  OriginalRecord original;
  original.has_value = message.payload != nullptr;
  if (message.key != nullptr) original.key.emplace(static_cast<const char*>(message.key), message.key_len);
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t ms = rd_kafka_message_timestamp(&message, &type);
  if (type != RD_KAFKA_TIMESTAMP_NOT_AVAILABLE) original.stamp_ms = ms;
  original.headers = headers_of(message);
  return encode_original(original);
}

}  // namespace

KafkaPartition::KafkaPartition(rd_kafka_t* consumer, TopicPartition name, std::size_t index, std::int64_t start,
                               int wake_descriptor, core::MonotonicTime assigned_at, bool keep_originals)
    : name_(std::move(name)),
      keep_originals_(keep_originals),
      index_(index),
      next_offset_(start),
      queue_(rd_kafka_queue_get_partition(consumer, name_.topic.c_str(), name_.partition)),
      assigned_at_(assigned_at),
      confirmed_at_(assigned_at) {
  if (queue_ == nullptr) core::bug("partition without a queue");
  const std::uint64_t one = 1;
  rd_kafka_queue_forward(queue_, nullptr);
  rd_kafka_queue_io_event_enable(queue_, wake_descriptor, &one, sizeof one);
}

KafkaPartition::~KafkaPartition() {
  for (; cursor_ < taken_.size(); ++cursor_) rd_kafka_message_destroy(taken_[cursor_]);
  rd_kafka_queue_io_event_enable(queue_, -1, nullptr, 0);
  rd_kafka_queue_destroy(queue_);
}

bool KafkaPartition::ready() const { return cursor_ < taken_.size() || queued() > 0; }

std::size_t KafkaPartition::queued() const { return rd_kafka_queue_length(queue_); }

bool KafkaPartition::runs_dry() const {
  return !at_end_ && longest_queue_ > kLongQueue && queued() < longest_queue_ / 3;
}

bool KafkaPartition::take_more() {
  longest_queue_ = std::max(longest_queue_, queued());
  taken_.resize(kBatch);
  cursor_ = 0;
  const auto count = rd_kafka_consume_batch_queue(queue_, 0, taken_.data(), taken_.size());
  taken_.resize(static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, count)));
  return !taken_.empty();
}

void KafkaPartition::hand_over(rd_kafka_message_t* message, LogHandler& handler) {
  at_end_ = false;
  answered_ = true;
  next_offset_ = message->offset + 1;
  LogRecord record;
  record.partition = index_;
  record.offset = message->offset;
  if (message->payload != nullptr) record.value = {static_cast<const char*>(message->payload), message->len};
  take_stamp(*message, record);
  const std::string original = keep_originals_ ? original_of(*message) : std::string();
  record.original = original;
  handler.on_record(record);
}

KafkaPartition::Reading KafkaPartition::read(LogHandler& handler, core::EventTime limit, std::size_t most,
                                             core::MonotonicTime now) {
  Reading reading;
  while (reading.records < most && !reading.problem) {
    if (cursor_ == taken_.size() && !take_more()) break;
    rd_kafka_message_t* message = taken_[cursor_++];
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      hand_over(message, handler);
      ++reading.records;
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      reading.reached_end = at_end_ = answered_ = true;
      longest_queue_ = 0;
      confirmed_at_ = now;
    } else {
      reading.problem = Problem{message->err, rd_kafka_message_errstr(message)};
    }
    rd_kafka_message_destroy(message);
    if (handler.newest_event(index_) > limit) break;
  }
  return reading;
}

}  // namespace costdrift::daemon
