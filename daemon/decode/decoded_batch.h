// DecodedBatch: log records on their way from the source to intake: filled with bytes, then decoded and priced.
//
// Decoding is the only stage that needs nothing but the record, so it may run on another thread (DecodeAhead) while the
// stream thread counts the batch before. A batch owns everything that its events borrow.
// Threads  one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/usage_event.h"
#include "daemon/decode/decoders.h"
#include "daemon/log_source.h"
#include "daemon/prices/price_book.h"

namespace costdrift::daemon {

struct DecodedRejection {
  RejectReason reason;
  std::string detail;  // as EventHandler::on_rejected
};

// A span of event time, from <= ts < to; all of it unless said otherwise.
struct EventSpan {
  core::EventTime from = core::EventTime::min(), to = core::EventTime::max();
  bool contains(core::EventTime ts) const { return from <= ts && ts < to; }
  bool operator==(const EventSpan&) const = default;
};

// What became of one record. Everything is borrowed from the batch.
struct DecodedRecord {
  LogRecord record;
  // Of the value; 0 where a later wanted record of the same partition follows in the batch, whose fingerprint replaces
  // it.
  std::uint64_t fingerprint = 0;
  std::span<const core::UsageEvent> events;  // priced
  std::span<const DecodedRejection> rejections;
  // One of its events lies in the span of the batch, or one could not be read and has no time. Otherwise the record is
  // to be taken for one that the log does not hold.
  bool wanted = true;
};

class DecodedBatch {
 public:
  explicit DecodedBatch(EventSpan span = {});
  DecodedBatch(const DecodedBatch&) = delete;
  DecodedBatch& operator=(const DecodedBatch&) = delete;

  // Copies the record; `format` as Decoders::format_of(). Not after decode().
  void add(const LogRecord& record, std::size_t format);
  std::size_t size() const { return slots_.size(); }
  std::size_t bytes() const { return bytes_.size(); }

  // Decodes and prices everything that was added.
  void decode(Decoders& decoders, const PriceBook& prices);
  // After decode(): the i-th record that was added.
  DecodedRecord at(std::size_t i) const;
  std::size_t partition_of(std::size_t i) const { return slots_[i].partition; }

  // Ready to be filled anew; keeps its memory unless a record was huge.
  void clear();

 private:
  class Collector;
  struct Slot {
    std::size_t partition = 0, format = 0;
    std::int64_t offset = 0;
    std::optional<core::WallTime> appended_at;
    std::size_t first_byte = 0, bytes = 0, original_bytes = 0;  // the original behind the value
    std::uint64_t fingerprint = 0;
    std::size_t first_event = 0, events = 0;
    std::size_t first_rejection = 0, rejections = 0;
    bool wanted = true;
  };
  std::string_view value_of(const Slot& slot) const {
    return std::string_view(bytes_).substr(slot.first_byte, slot.bytes);
  }
  std::string_view original_of(const Slot& slot) const {
    return std::string_view(bytes_).substr(slot.first_byte + slot.bytes, slot.original_bytes);
  }
  bool wanted(const Slot& slot) const;
  void take_fingerprints();

  EventSpan span_;
  std::string bytes_;
  std::vector<Slot> slots_;
  std::vector<core::UsageEvent> events_;
  std::vector<DecodedRejection> rejections_;
  std::vector<char> text_block_;
  std::pmr::monotonic_buffer_resource texts_;
};

}  // namespace costdrift::daemon
