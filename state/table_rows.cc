#include "state/table_rows.h"

#include "core/bytes.h"
#include "state/ordered_key.h"

namespace costdrift::state {
namespace {

constexpr std::uint64_t kRowVersion = 1;

}  // namespace

std::string encode_position(const Position& position) {
  core::ByteWriter out;
  out.u64(kRowVersion);
  out.i64(position.next_offset);
  out.i64(position.log_epoch);
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
  if (in.u64() != kRowVersion) return std::nullopt;
  Position position;
  position.next_offset = in.i64();
  position.log_epoch = in.i64();
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

std::string encode_outbox_entry(const OutboxEntry& entry) {
  core::ByteWriter out;
  out.u64(kRowVersion);
  out.i64(entry.version);
  out.u64(entry.action);
  out.text(entry.alert_event);
  return out.take();
}

std::optional<OutboxEntry> decode_outbox_entry(std::string_view key, std::string_view bytes) {
  OrderedKeyReader parts(key);
  core::ByteReader in(bytes);
  if (in.u64() != kRowVersion) return std::nullopt;
  OutboxEntry entry;
  entry.sink = parts.text();
  entry.incident_id = parts.rest();
  entry.version = in.i64();
  entry.action = static_cast<std::uint8_t>(in.u64());
  entry.alert_event = in.text();
  if (!in.finished() || parts.failed()) return std::nullopt;
  return entry;
}

std::string encode_delivery(const Delivery& delivery) {
  core::ByteWriter out;
  out.u64(kRowVersion);
  out.i64(delivery.version);
  out.u64(delivery.action);
  out.boolean(delivery.dead);
  out.text(delivery.reason);
  return out.take();
}

std::optional<Delivery> decode_delivery(std::string_view bytes) {
  core::ByteReader in(bytes);
  if (in.u64() != kRowVersion) return std::nullopt;
  Delivery delivery;
  delivery.version = in.i64();
  delivery.action = static_cast<std::uint8_t>(in.u64());
  delivery.dead = in.boolean();
  delivery.reason = in.text();
  if (!in.finished()) return std::nullopt;
  return delivery;
}

std::string encode_dedup_row(const std::vector<std::uint64_t>& ids, std::size_t from) {
  std::string bytes;
  bytes.reserve((ids.size() - from) * 8);
  for (std::size_t i = from; i < ids.size(); ++i)
    for (int shift = 0; shift < 64; shift += 8) bytes.push_back(static_cast<char>(ids[i] >> shift));
  return bytes;
}

bool decode_dedup_row(std::string_view bytes, std::vector<std::uint64_t>& ids) {
  if (bytes.size() % 8 != 0) return false;
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    std::uint64_t id = 0;
    for (std::size_t i = 0; i < 8; ++i) id |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
    ids.push_back(id);
  }
  return true;
}

}  // namespace costdrift::state
