// The fields of the canonical event v1, one record each (docs/EVENTS.md explains them; a test compares), and the
// lookup from a JSON key to its record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/usage_event.h"
#include "daemon/decode/decode_value.h"

namespace costdrift::daemon {

enum class FieldKind : std::uint8_t {
  schema_version,
  time,
  text,     // FieldSpec::text
  integer,  // FieldSpec::integer, range
  http_status,
  status,
  cost,
  milliseconds,  // FieldSpec::milliseconds
  flag,          // FieldSpec::flag
  stream,
  attempt,
  retry_count,
  tags,
};

struct FieldSpec {
  std::string_view name;
  FieldKind kind = FieldKind::text;
  std::string_view alias = {};  // a second accepted name; empty: none
  std::string_view core::UsageEvent::*text = nullptr;
  std::optional<std::int64_t> core::UsageEvent::*integer = nullptr;
  std::optional<double> core::UsageEvent::*milliseconds = nullptr;
  bool core::UsageEvent::*flag = nullptr;
  IntegerRange range = {};
};

inline constexpr std::size_t kMaxFieldSpecs = 64;  // a set of fields is the bits of one 64-bit number
inline constexpr int kUnknownField = -1;

// In the order in which fields are judged.
std::span<const FieldSpec> event_fields();

// The index into event_fields() of a JSON key (name or alias); kUnknownField if there is none.
int find_field(std::string_view key);

}  // namespace costdrift::daemon
