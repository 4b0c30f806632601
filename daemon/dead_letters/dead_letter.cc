#include "daemon/dead_letters/dead_letter.h"

#include "core/bytes.h"
#include "state/ordered_key.h"

namespace costdrift::daemon {
namespace {

constexpr std::uint64_t kRowVersion = 1;
constexpr std::uint64_t kHasValue = 1, kHasKey = 2;

std::optional<std::string> optional_text(core::ByteReader& in, bool present) {
  std::string text = in.text();
  if (!present) return std::nullopt;
  return text;
}

}  // namespace

std::string encode_original(const OriginalRecord& original) {
  core::ByteWriter out;
  out.u64((original.has_value ? kHasValue : 0) | (original.key ? kHasKey : 0));
  out.i64(original.stamp_ms);
  out.text(original.key.value_or(""));
  out.u64(original.headers.size());
  for (const RecordHeader& header : original.headers) {
    out.text(header.name);
    out.boolean(header.value.has_value());
    out.text(header.value.value_or(""));
  }
  return out.take();
}

std::optional<OriginalRecord> decode_original(std::string_view bytes) {
  core::ByteReader in(bytes);
  OriginalRecord original;
  const std::uint64_t flags = in.u64();
  original.has_value = (flags & kHasValue) != 0;
  original.stamp_ms = in.i64();
  original.key = optional_text(in, (flags & kHasKey) != 0);
  for (std::size_t left = in.count(3); left > 0; --left) {
    RecordHeader& header = original.headers.emplace_back();
    header.name = in.text();
    const bool present = in.boolean();
    header.value = optional_text(in, present);
  }
  if (!in.finished()) return std::nullopt;
  return original;
}

std::string dead_letter_key(const DeadLetter& letter) {
  return state::OrderedKey()
      .text(letter.source.topic)
      .u32(static_cast<std::uint32_t>(letter.source.partition))
      .u64(static_cast<std::uint64_t>(letter.log_epoch))
      .u64(static_cast<std::uint64_t>(letter.offset))
      .take();
}

std::string encode_dead_letter(const DeadLetter& letter) {
  core::ByteWriter out;
  out.u64(kRowVersion);
  out.text(letter.reason);
  out.text(letter.detail);
  out.i64(letter.rejected);
  out.i64(letter.events);
  out.text(letter.original);
  out.text(letter.value);
  return out.take();
}

std::optional<DeadLetter> decode_dead_letter(std::string_view key, std::string_view bytes) {
  state::OrderedKeyReader parts(key);
  DeadLetter letter;
  letter.source.topic = parts.text();
  letter.source.partition = static_cast<std::int32_t>(parts.u32());
  letter.log_epoch = static_cast<std::int64_t>(parts.u64());
  letter.offset = static_cast<std::int64_t>(parts.u64());
  core::ByteReader in(bytes);
  if (in.u64() != kRowVersion) return std::nullopt;
  letter.reason = in.text();
  letter.detail = in.text();
  letter.rejected = in.i64();
  letter.events = in.i64();
  letter.original = in.text();
  letter.value = in.text();
  if (!in.finished() || parts.failed()) return std::nullopt;
  return letter;
}

OriginalRecord annotated(const DeadLetter& letter, const std::string& version) {
  OriginalRecord record = decode_original(letter.original).value_or(OriginalRecord{.has_value = !letter.value.empty()});
  const auto add = [&](const char* name, std::string value) {
    record.headers.push_back({std::string("costdrift-") + name, std::move(value)});
  };
  add("reason", letter.reason);
  add("detail", letter.detail);
  add("topic", letter.source.topic);
  add("partition", std::to_string(letter.source.partition));
  add("offset", std::to_string(letter.offset));
  if (record.stamp_ms >= 0) add("timestamp", std::to_string(record.stamp_ms));
  add("rejected", std::to_string(letter.rejected));
  add("events", std::to_string(letter.events));
  add("version", version);
  return record;
}

}  // namespace costdrift::daemon
