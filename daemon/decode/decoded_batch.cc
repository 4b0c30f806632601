#include "daemon/decode/decoded_batch.h"

#include <algorithm>
#include <cstring>

#include "core/hash.h"
#include "daemon/decode/decode_fields.h"

namespace costdrift::daemon {
namespace {

constexpr std::size_t kTextBlock = 128 * 1024;
constexpr std::size_t kMostKeptBytes = 4 << 20;

}  // namespace

// Keeps what a decoder hands out, with its texts in memory that stays.
class DecodedBatch::Collector final : public EventHandler {
 public:
  Collector(DecodedBatch& batch, const PriceBook& prices) : batch_(batch), prices_(prices) {}

  void on_event(const core::UsageEvent& event) override {
    core::UsageEvent& kept = batch_.events_.emplace_back(event);
    for (const FieldSpec& field : event_fields()) {
      if (field.text != nullptr && !(kept.*field.text).empty()) kept.*field.text = keep(kept.*field.text);
    }
    prices_.price(kept);
  }

  void on_rejected(RejectReason reason, std::string_view detail) override {
    batch_.rejections_.push_back({reason, std::string(detail)});
  }

 private:
  std::string_view keep(std::string_view text) {
    char* copy = static_cast<char*>(batch_.texts_.allocate(text.size(), 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  DecodedBatch& batch_;
  const PriceBook& prices_;
};

DecodedBatch::DecodedBatch(EventSpan span)
    : span_(span), text_block_(kTextBlock), texts_(text_block_.data(), text_block_.size()) {}

void DecodedBatch::add(const LogRecord& record, std::size_t format) {
  Slot& slot = slots_.emplace_back();
  slot.partition = record.partition;
  slot.format = format;
  slot.offset = record.offset;
  slot.appended_at = record.appended_at;
  slot.first_byte = bytes_.size();
  slot.bytes = record.value.size();
  slot.original_bytes = record.original.size();
  bytes_.append(record.value).append(record.original);
}

void DecodedBatch::decode(Decoders& decoders, const PriceBook& prices) {
  Collector collector(*this, prices);
  for (Slot& slot : slots_) {
    slot.first_event = events_.size();
    slot.first_rejection = rejections_.size();
    decoders.at(slot.format).decode(value_of(slot), collector);
    slot.events = events_.size() - slot.first_event;
    slot.rejections = rejections_.size() - slot.first_rejection;
    slot.wanted = wanted(slot);
  }
  take_fingerprints();
}

bool DecodedBatch::wanted(const Slot& slot) const {
  const auto events = std::span(events_).subspan(slot.first_event, slot.events);
  return slot.rejections > 0 ||
         std::any_of(events.begin(), events.end(), [&](const auto& event) { return span_.contains(event.ts); });
}

void DecodedBatch::take_fingerprints() {
  std::vector<std::size_t> seen;
  for (auto slot = slots_.rbegin(); slot != slots_.rend(); ++slot) {
    if (!slot->wanted || std::find(seen.begin(), seen.end(), slot->partition) != seen.end()) continue;
    seen.push_back(slot->partition);
    slot->fingerprint = core::hash64(value_of(*slot));
  }
}

DecodedRecord DecodedBatch::at(std::size_t i) const {
  const Slot& slot = slots_[i];
  return {.record = {.partition = slot.partition,
                     .offset = slot.offset,
                     .value = value_of(slot),
                     .appended_at = slot.appended_at,
                     .original = original_of(slot)},
          .fingerprint = slot.fingerprint,
          .events = std::span(events_).subspan(slot.first_event, slot.events),
          .rejections = std::span(rejections_).subspan(slot.first_rejection, slot.rejections),
          .wanted = slot.wanted};
}

void DecodedBatch::clear() {
  bytes_.clear();
  if (bytes_.capacity() > kMostKeptBytes) bytes_.shrink_to_fit();
  slots_.clear();
  events_.clear();
  rejections_.clear();
  texts_.release();
}

}  // namespace costdrift::daemon
