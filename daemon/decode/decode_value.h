// JsonValue: one value of a JSON object, and the checks that turn it into a field of an event. Knows neither the JSON
// library nor the event schema.
//
// A check returns false and fills the Rejection when the value cannot be used; otherwise it writes `out`. `name` is
// the field's name, for the text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/money.h"
#include "core/time.h"
#include "daemon/decode/decode.h"

namespace costdrift::daemon {

enum class JsonKind : std::uint8_t { boolean, integer, huge_integer, real, text, array, object };

// Only the member of its kind is meaningful. Null does not occur: a null field counts as absent.
struct JsonValue {
  JsonKind kind = JsonKind::boolean;
  std::int64_t integer = 0;  // boolean (0 or 1), integer; huge_integer: the 64 bits of an unsigned number above int64
  double real = 0;
  std::string_view text;
};

struct Rejection {
  RejectReason reason = RejectReason::malformed;
  std::string detail;  // not yet escaped
};

// Fills the rejection; always false, for `return reject(...)`.
bool reject(Rejection& rejection, RejectReason reason, std::string detail);

// Limits of a number, and the reason to give when it is outside.
struct IntegerRange {
  std::int64_t min = 0, max = 0;
  RejectReason reason = RejectReason::bad_number;
};

// Also a number such as 12.0 or 3e2, whose value is an integer exactly; never 12.5, never "12".
bool read_integer(std::string_view name, const JsonValue& value, IntegerRange range, std::int64_t& out,
                  Rejection& rejection);
bool read_boolean(std::string_view name, const JsonValue& value, bool& out, Rejection& rejection);
// 0..1e6 dollars, rounded to the nano-dollar.
bool read_cost(std::string_view name, const JsonValue& value, core::NanoUsd& out, Rejection& rejection);
// 0..24 h.
bool read_milliseconds(std::string_view name, const JsonValue& value, double& out, Rejection& rejection);
// Surrounding spaces removed; at most 128 bytes; no control characters (C0, DEL, C1, line separators, bidi).
bool read_text(std::string_view name, const JsonValue& value, std::string_view& out, Rejection& rejection);
// RFC 3339, or an epoch number (also as digits in a text) whose magnitude tells its unit: below 1e11 seconds, below
// 1e14 milliseconds, below 1e17 microseconds, else nanoseconds. From 2020 to 2200.
bool read_time(std::string_view name, const JsonValue& value, core::EventTime& out, Rejection& rejection);

}  // namespace costdrift::daemon
