#include "state/tables.h"

#include "core/bytes.h"
#include "state/ordered_key.h"

namespace costdrift::state {
namespace {

constexpr std::uint64_t kVersion = 1;

std::string partition_key(std::string_view topic, std::int32_t partition) {
  return OrderedKey().text(topic).u32(static_cast<std::uint32_t>(partition)).take();
}

std::string encode_position(const Position& position) {
  core::ByteWriter out;
  out.u64(kVersion);
  out.i64(position.next_offset);
  out.i64(position.records);
  out.i64(position.newest.us);
  out.u64(position.fingerprint);
  const Accounting& accounting = position.accounting;
  for (const std::int64_t count : {accounting.consumed, accounting.accepted, accounting.duplicate, accounting.late})
    out.i64(count);
  out.u64(accounting.dead_lettered.size());
  for (const auto& [reason, count] : accounting.dead_lettered) {
    out.text(reason);
    out.i64(count);
  }
  return out.take();
}

std::optional<Position> decode_position(std::string_view bytes) {
  core::ByteReader in(bytes);
  if (in.u64() != kVersion) return std::nullopt;
  Position position;
  position.next_offset = in.i64();
  position.records = in.i64();
  position.newest.us = in.i64();
  position.fingerprint = in.u64();
  Accounting& accounting = position.accounting;
  for (std::int64_t* count : {&accounting.consumed, &accounting.accepted, &accounting.duplicate, &accounting.late})
    *count = in.i64();
  for (std::size_t left = in.count(2); left > 0; --left) {
    std::string reason = in.text();
    accounting.dead_lettered[std::move(reason)] = in.i64();
  }
  if (!in.finished()) return std::nullopt;
  return position;
}

std::string sink_key(std::string_view sink, std::string_view incident_id) {
  return OrderedKey().text(sink).rest(incident_id).take();
}

std::string encode_delivery(const Delivery& delivery) {
  core::ByteWriter out;
  out.u64(kVersion);
  out.i64(delivery.version);
  out.u64(delivery.action);
  out.boolean(delivery.dead);
  out.text(delivery.reason);
  return out.take();
}

std::optional<OutboxEntry> decode_outbox_entry(std::string_view key, std::string_view bytes) {
  OrderedKeyReader parts(key);
  core::ByteReader in(bytes);
  if (in.u64() != kVersion) return std::nullopt;
  OutboxEntry entry;
  entry.sink = parts.text();
  entry.incident_id = parts.rest();
  entry.version = in.i64();
  entry.action = static_cast<std::uint8_t>(in.u64());
  entry.alert_event = in.text();
  if (!in.finished() || parts.failed()) return std::nullopt;
  return entry;
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
  core::ByteWriter out;
  out.u64(kVersion);
  out.i64(entry.version);
  out.u64(entry.action);
  out.text(entry.alert_event);
  store_.put(KeySpace::outbox, sink_key(entry.sink, entry.incident_id), out.take());
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
  core::ByteReader in(*bytes);
  const std::uint64_t version = in.u64();
  Delivery delivery;
  delivery.version = in.i64();
  delivery.action = static_cast<std::uint8_t>(in.u64());
  delivery.dead = in.boolean();
  delivery.reason = in.text();
  if (version == kVersion && in.finished()) return delivery;
  store_.report_unreadable(KeySpace::deliveries, key);
  return std::nullopt;
}

core::Result<void> DeliveryTable::put(std::string_view sink, std::string_view incident_id, const Delivery& delivery) {
  return store_.put_now(KeySpace::deliveries, sink_key(sink, incident_id), encode_delivery(delivery));
}

Journal::Journal(Store& store, std::int64_t keep) : store_(store), keep_(keep) {
  bool any = false;
  store_.scan(KeySpace::journal, {}, {}, [&](std::string_view key, std::string_view) {
    first_ = static_cast<std::int64_t>(OrderedKeyReader(key).u64());
    any = true;
    return false;
  });
  next_ = first_;
  if (!any) return;
  // The lines are numbered without gaps, so the end is found without reading them all.
  const auto holds = [&](std::int64_t line) {
    return store_.get(KeySpace::journal, OrderedKey().u64(static_cast<std::uint64_t>(line)).take()).has_value();
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
  store_.put(KeySpace::journal, OrderedKey().u64(static_cast<std::uint64_t>(next_++)).take(), std::move(json));
  while (next_ - first_ > keep_)
    store_.erase(KeySpace::journal, OrderedKey().u64(static_cast<std::uint64_t>(first_++)).take());
}

void Journal::scan(const std::function<bool(std::string_view json)>& visit) const {
  store_.scan(KeySpace::journal, {}, {}, [&](std::string_view, std::string_view value) { return visit(value); });
}

}  // namespace costdrift::state
