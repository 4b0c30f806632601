#include "state/tables.h"

#include "state/ordered_key.h"
#include "state/table_rows.h"

namespace costdrift::state {
namespace {

std::string partition_key(std::string_view topic, std::int32_t partition) {
  return OrderedKey().text(topic).u32(static_cast<std::uint32_t>(partition)).take();
}

std::string sink_key(std::string_view sink, std::string_view incident_id) {
  return OrderedKey().text(sink).rest(incident_id).take();
}

}  // namespace

std::int64_t Accounting::dead_total() const {
  std::int64_t total = 0;
  for (const auto& [reason, count] : dead_lettered) total += count;
  return total;
}

std::optional<Position> PositionTable::get(std::string_view topic, std::int32_t partition) const {
  const std::string key = partition_key(topic, partition);
  const auto bytes = store_.get(KeySpace::positions, key);
  if (!bytes) return std::nullopt;
  auto position = decode_position(*bytes);
  if (!position) store_.report_unreadable(KeySpace::positions, key);
  return position;
}

void PositionTable::put(std::string_view topic, std::int32_t partition, const Position& position) {
  store_.put(KeySpace::positions, partition_key(topic, partition), encode_position(position));
}

std::optional<std::string> RecordTable::get(std::string_view key) const { return store_.get(space_, key); }

void RecordTable::put(std::string_view key, std::string_view value) {
  store_.put(space_, std::string(key), std::string(value));
}

void RecordTable::erase(std::string_view key) { store_.erase(space_, key); }

void RecordTable::scan(const Store::Visit& visit) const { store_.scan(space_, {}, {}, visit); }

std::string memory_key(std::string_view detector, std::string_view series_text) {
  return OrderedKey().text(detector).rest(series_text).take();
}

void Outbox::want(const OutboxEntry& entry) {
  store_.put(KeySpace::outbox, sink_key(entry.sink, entry.incident_id), encode_outbox_entry(entry));
}

void Outbox::erase(std::string_view sink, std::string_view incident_id) {
  store_.erase(KeySpace::outbox, sink_key(sink, incident_id));
}

std::vector<OutboxEntry> Outbox::pending() const {
  std::vector<OutboxEntry> result;
  const DeliveryTable deliveries(store_);
  store_.scan(KeySpace::outbox, {}, {}, [&](std::string_view key, std::string_view value) {
    auto entry = decode_outbox_entry(key, value);
    if (!entry) {
      store_.report_unreadable(KeySpace::outbox, key);
      return true;
    }
    const auto told = deliveries.get(entry->sink, entry->incident_id);
    if (!told || told->version < entry->version) result.push_back(std::move(*entry));
    return true;
  });
  return result;
}

std::optional<Delivery> DeliveryTable::get(std::string_view sink, std::string_view incident_id) const {
  const std::string key = sink_key(sink, incident_id);
  const auto bytes = store_.get_now(KeySpace::deliveries, key);
  if (!bytes) return std::nullopt;
  auto delivery = decode_delivery(*bytes);
  if (!delivery) store_.report_unreadable(KeySpace::deliveries, key);
  return delivery;
}

core::Result<void> DeliveryTable::put(std::string_view sink, std::string_view incident_id, const Delivery& delivery) {
  return store_.put_now(KeySpace::deliveries, sink_key(sink, incident_id), encode_delivery(delivery));
}

core::Result<void> DeliveryTable::put_all(std::string_view sink,
                                          const std::vector<std::pair<std::string, Delivery>>& deliveries) {
  std::vector<std::pair<std::string, std::string>> rows;
  rows.reserve(deliveries.size());
  for (const auto& [incident_id, delivery] : deliveries) {
    rows.emplace_back(sink_key(sink, incident_id), encode_delivery(delivery));
  }
  return store_.put_all_now(KeySpace::deliveries, rows);
}

Journal::Journal(Store& store, std::int64_t keep, KeySpace space) : store_(store), keep_(keep), space_(space) {
  bool any = false;
  store_.scan(space_, {}, {}, [&](std::string_view key, std::string_view) {
    first_ = static_cast<std::int64_t>(OrderedKeyReader(key).u64());
    any = true;
    return false;
  });
  next_ = first_;
  if (!any) return;
  // The lines are numbered without gaps, so the end is found without reading them all.
  const auto holds = [&](std::int64_t line) {
    return store_.get(space_, OrderedKey().u64(static_cast<std::uint64_t>(line)).take()).has_value();
  };
  std::int64_t step = 1;
  while (holds(first_ + step)) step *= 2;
  std::int64_t present = first_ + step / 2, absent = first_ + step;
  while (absent - present > 1) {
    const std::int64_t middle = present + (absent - present) / 2;
    (holds(middle) ? present : absent) = middle;
  }
  next_ = absent;
}

void Journal::append(std::string json) {
  store_.put(space_, OrderedKey().u64(static_cast<std::uint64_t>(next_++)).take(), std::move(json));
  while (next_ - first_ > keep_) store_.erase(space_, OrderedKey().u64(static_cast<std::uint64_t>(first_++)).take());
}

void Journal::scan(const std::function<bool(std::string_view json)>& visit) const {
  store_.scan(space_, {}, {}, [&](std::string_view, std::string_view value) { return visit(value); });
}

}  // namespace costdrift::state
