#include "daemon/decode/decode_fields.h"

#include <array>
#include <bit>

#include "daemon/decode/text_words.h"

namespace costdrift::daemon {
namespace {

using core::UsageEvent;
using Kind = FieldKind;

constexpr std::int64_t kMaxTokens = 1'000'000'000;
constexpr std::int64_t kMaxCount = 1'000'000'000;
constexpr std::int64_t kMaxAttempts = 1'000'000;

constexpr FieldSpec special(std::string_view name, Kind kind, IntegerRange range = {}) {
  return {.name = name, .kind = kind, .range = range};
}
constexpr FieldSpec text(std::string_view name, std::string_view UsageEvent::*member, std::string_view alias = {}) {
  return {.name = name, .kind = Kind::text, .alias = alias, .text = member};
}
constexpr FieldSpec tokens(std::string_view name, std::optional<std::int64_t> UsageEvent::*member) {
  return {.name = name,
          .kind = Kind::integer,
          .integer = member,
          .range = {.min = 0, .max = kMaxTokens, .reason = RejectReason::bad_tokens}};
}
constexpr FieldSpec count(std::string_view name, std::optional<std::int64_t> UsageEvent::*member, std::int64_t min) {
  return {.name = name, .kind = Kind::integer, .integer = member, .range = {.min = min, .max = kMaxCount}};
}
constexpr FieldSpec milliseconds(std::string_view name, std::optional<double> UsageEvent::*member) {
  return {.name = name, .kind = Kind::milliseconds, .milliseconds = member};
}
constexpr FieldSpec flag(std::string_view name, bool UsageEvent::*member) {
  return {.name = name, .kind = Kind::flag, .flag = member};
}

constexpr std::array kFields = {
    special("schema_version", Kind::schema_version),
    special("ts", Kind::time),
    text("event_id", &UsageEvent::event_id),
    text("app", &UsageEvent::app, "application"),
    text("model", &UsageEvent::model),
    text("provider", &UsageEvent::provider),
    text("team", &UsageEvent::team),
    text("owner", &UsageEvent::owner),
    text("technical_owner", &UsageEvent::technical_owner),
    text("env", &UsageEvent::env, "environment"),
    text("cost_center", &UsageEvent::cost_center),
    text("use_case", &UsageEvent::use_case),
    text("business_process", &UsageEvent::business_process),
    text("request_type", &UsageEvent::request_type),
    text("user", &UsageEvent::user),
    text("api_key_id", &UsageEvent::api_key_id),
    text("region", &UsageEvent::region),
    text("service_tier", &UsageEvent::service_tier),
    text("prompt_version", &UsageEvent::prompt_version),
    special("status", Kind::status),
    text("error_type", &UsageEvent::error_type),
    special("http_status", Kind::http_status, {.min = 0, .max = 999}),
    tokens("input_tokens", &UsageEvent::input_tokens),
    tokens("output_tokens", &UsageEvent::output_tokens),
    tokens("cache_read_tokens", &UsageEvent::cache_read_tokens),
    tokens("cache_write_tokens", &UsageEvent::cache_write_tokens),
    tokens("cache_write_1h_tokens", &UsageEvent::cache_write_1h_tokens),
    tokens("reasoning_tokens", &UsageEvent::reasoning_tokens),
    tokens("retrieved_tokens", &UsageEvent::retrieved_tokens),
    count("retrieved_docs", &UsageEvent::retrieved_docs, 0),
    count("tool_calls", &UsageEvent::tool_calls, 0),
    special("cost_usd", Kind::cost),
    flag("gateway_cache_hit", &UsageEvent::gateway_cache_hit),
    special("attempt", Kind::attempt, {.min = 1, .max = kMaxAttempts}),
    special("retry_count", Kind::retry_count, {.min = 0, .max = kMaxAttempts}),
    milliseconds("latency_ms", &UsageEvent::latency_ms),
    milliseconds("ttft_ms", &UsageEvent::ttft_ms),
    special("stream", Kind::stream),
    text("run_id", &UsageEvent::run_id),
    count("step", &UsageEvent::step, 1),
    text("parent_run_id", &UsageEvent::parent_run_id),
    text("agent", &UsageEvent::agent),
    flag("run_end", &UsageEvent::run_end),
    text("conversation_id", &UsageEvent::conversation_id),
    text("trace_id", &UsageEvent::trace_id),
    text("span_id", &UsageEvent::span_id),
    text("outcome", &UsageEvent::outcome),
    special("tags", Kind::tags),
};
static_assert(kFields.size() <= kMaxFieldSpecs);

// A perfect hash of the names: its multiplier is searched at compile time, so that a key costs one table look-up and
// one comparison of words.
constexpr int kSlotBits = 9;
constexpr std::uint8_t kEmptySlot = 0xFF;

struct Name {
  TextWords words;
  std::string_view text;
  std::uint8_t field = 0;
};

// Slots hold indices and not names, so that the table stays within few cache lines.
struct NameTable {
  std::uint64_t multiplier = 0;
  std::array<std::uint8_t, std::size_t{1} << kSlotBits> slots{};
  std::array<Name, kMaxFieldSpecs> names{};
};

constexpr std::size_t slot_of(TextWords words, std::size_t size, std::uint64_t multiplier) {
  return ((words.first ^ std::rotl(words.last, 29) ^ size) * multiplier) >> (64 - kSlotBits);
}

constexpr std::size_t list_names(NameTable& table) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    for (const std::string_view name : {kFields[i].name, kFields[i].alias}) {
      if (!name.empty()) table.names[count++] = {words_of(name), name, static_cast<std::uint8_t>(i)};
    }
  }
  return count;
}

constexpr bool fill_slots(NameTable& table, std::size_t count) {
  table.slots.fill(kEmptySlot);
  for (std::size_t i = 0; i < count; ++i) {
    const Name& name = table.names[i];
    std::uint8_t& slot = table.slots[slot_of(name.words, name.text.size(), table.multiplier)];
    if (slot != kEmptySlot) return false;
    slot = static_cast<std::uint8_t>(i);
  }
  return true;
}

consteval NameTable make_name_table() {
  NameTable table;
  const std::size_t count = list_names(table);
  for (table.multiplier = 0x9E3779B97F4A7C15; !fill_slots(table, count); table.multiplier += 0xD1B54A32D192ED02) {
  }
  return table;
}
constexpr NameTable kNames = make_name_table();

}  // namespace

std::span<const FieldSpec> event_fields() { return kFields; }

int find_field(std::string_view key) {
  const TextWords words = words_of(key);
  const std::uint8_t slot = kNames.slots[slot_of(words, key.size(), kNames.multiplier)];
  if (slot == kEmptySlot) return kUnknownField;
  const Name& name = kNames.names[slot];
  if (name.words != words || name.text.size() != key.size()) return kUnknownField;
  return key.size() <= 16 || name.text == key ? name.field : kUnknownField;
}

}  // namespace costdrift::daemon
