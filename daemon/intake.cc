#include "daemon/intake.h"

#include <algorithm>

#include "core/hash.h"

namespace costdrift::daemon {

PartitionIntake::PartitionIntake(TopicPartition partition, const config::TimeSettings& time, state::Store& store,
                                 state::Windows& windows, IntakeTotals& totals)
    : partition_(std::move(partition)),
      time_(time),
      positions_(store),
      dedup_(store, partition_.topic, partition_.partition, time.dedup_window),
      windows_(windows),
      totals_(totals) {}

core::Result<void> PartitionIntake::load() {
  if (const auto stored = positions_.get(partition_.topic, partition_.partition)) {
    position_ = *stored;
    has_position_ = true;
  }
  return dedup_.load();
}

bool PartitionIntake::differs(const LogRecord& record) const {
  return core::hash64(record.value) != position_.fingerprint;
}

void PartitionIntake::begin_another_log(std::int64_t begin) {
  position_.next_offset = begin;
  position_.fingerprint = 0;
  ++position_.log_epoch;
  dirty_ = true;
}

void PartitionIntake::process(const DecodedRecord& decoded) {
  const LogRecord& record = decoded.record;
  if (has_position_ && record.offset < position_.next_offset) return;
  for (const auto& event : decoded.events) count(event, record);
  for (const auto& rejection : decoded.rejections) {
    count_rejected(rejection.reason);
    if (listener_ != nullptr) listener_->on_rejected(partition_, record.offset, rejection.reason, rejection.detail);
  }
  if (dead_letters_ != nullptr && !decoded.rejections.empty()) {
    dead_letters_->keep(partition_, position_.log_epoch, decoded);
  }
  position_.next_offset = record.offset + 1;
  ++position_.records;
  position_.fingerprint = decoded.fingerprint;
  has_position_ = dirty_ = true;
}

core::EventTime PartitionIntake::watermark() const {
  return position_.newest == core::EventTime::min() ? core::EventTime::min()
                                                    : position_.newest - time_.out_of_orderness;
}

bool PartitionIntake::in_the_future(const core::UsageEvent& event, const LogRecord& record) const {
  return record.appended_at && event.ts.us > record.appended_at->us + time_.max_future_skew.us;
}

bool PartitionIntake::too_late(core::EventTime ts) const {
  const core::EventTime end = core::floor_to(ts, time_.bucket) + time_.bucket;
  return (watermark() != core::EventTime::min() && end <= watermark()) || end <= windows_.closed_until();
}

void PartitionIntake::count(const core::UsageEvent& event, const LogRecord& record) {
  ++position_.accounting.consumed;
  if (in_the_future(event, record)) {
    // It must not move the watermark. Its money counts with the newest events around it, in replay as when live.
    core::UsageEvent moved = event;
    const core::EventTime stamped{record.appended_at->us};
    moved.ts = position_.newest == core::EventTime::min() ? stamped : std::min(stamped, position_.newest);
    if (is_new(moved)) count_late(moved, core::DroppedEvent::future);
    return;
  }
  if (!is_new(event)) return;
  if (too_late(event.ts)) return count_late(event, core::DroppedEvent::late);
  accept(event, record);
}

// False: an event of this id was seen before, and this one counts as a duplicate.
bool PartitionIntake::is_new(const core::UsageEvent& event) {
  const core::EventTime newest = std::max(event.ts, position_.newest);
  if (event.event_id.empty() || dedup_.insert(event.event_id, event.ts, newest)) return true;
  ++position_.accounting.duplicate;
  windows_.add_duplicate(event, newest);
  return false;
}

void PartitionIntake::count_late(const core::UsageEvent& event, core::DroppedEvent why) {
  windows_.add_late(event, why, std::max(position_.newest, event.ts));
  ++position_.accounting.late;
}

void PartitionIntake::accept(const core::UsageEvent& event, const LogRecord& record) {
  windows_.add(event, {partition_.topic, partition_.partition, record.offset});
  ++position_.accounting.accepted;
  position_.newest = std::max(position_.newest, event.ts);
  totals_.input_tokens += event.input_tokens.value_or(0);
  totals_.output_tokens += event.output_tokens.value_or(0);
  switch (event.cost_source) {
    case core::CostSource::unknown:
      ++totals_.unpriced;
      break;
    case core::CostSource::reported:
      totals_.reported += event.cost;
      break;
    case core::CostSource::computed:
      totals_.computed += event.cost;
      break;
  }
}

void PartitionIntake::count_rejected(RejectReason reason) {
  ++position_.accounting.consumed;
  const std::string_view name = reject_name(reason);
  auto& dead = position_.accounting.dead_lettered;
  const auto found = dead.find(name);
  if (found == dead.end()) {
    dead.emplace(name, 1);
  } else {
    ++found->second;
  }
}

void PartitionIntake::save() {
  if (!dirty_) return;
  positions_.put(partition_.topic, partition_.partition, position_);
  dedup_.save();
  dirty_ = false;
}

}  // namespace costdrift::daemon
