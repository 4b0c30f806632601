#include "daemon/decode/decode_event.h"

#include <bit>
#include <memory>
#include <string>

namespace costdrift::daemon {
namespace {

using core::UsageEvent;

// "1", "1.4", 1 and 1.4 have the major number 1.
bool read_schema_version(const JsonValue& value, Rejection& rejection) {
  bool supported = false;
  if (value.kind == JsonKind::text) {
    supported = value.text == "1" || value.text.starts_with("1.");
  } else if (value.kind == JsonKind::integer) {
    supported = value.integer == 1;
  } else if (value.kind == JsonKind::real) {
    supported = value.real >= 1 && value.real < 2;
  } else if (value.kind != JsonKind::huge_integer) {
    return reject(rejection, RejectReason::bad_type, "schema_version: neither a number nor a string");
  }
  if (supported) return true;
  return reject(rejection, RejectReason::schema_version,
                "schema_version: this version of costdrift reads major 1 only");
}

bool read_status(const JsonValue& value, core::CallStatus& out, Rejection& rejection) {
  std::string_view text;
  if (!read_text("status", value, text, rejection)) return false;
  if (text.empty() || text == "ok") {
    out = core::CallStatus::ok;
  } else if (text == "error") {
    out = core::CallStatus::error;
  } else if (text == "cancelled") {
    out = core::CallStatus::cancelled;
  } else {
    return reject(rejection, RejectReason::bad_text,
                  "status: \"" + std::string(text.substr(0, 40)) + "\" is none of ok, error, cancelled");
  }
  return true;
}

template <class T>
bool read_optional_integer(const FieldSpec& spec, const JsonValue& value, std::optional<T>& out, Rejection& rejection) {
  std::int64_t number = 0;
  if (!read_integer(spec.name, value, spec.range, number, rejection)) return false;
  out = static_cast<T>(number);
  return true;
}

bool read_optional_cost(const FieldSpec& spec, const JsonValue& value, UsageEvent& event, Rejection& rejection) {
  core::NanoUsd cost;
  if (!read_cost(spec.name, value, cost, rejection)) return false;
  event.reported_cost = cost;
  return true;
}

bool read_optional_milliseconds(const FieldSpec& spec, const JsonValue& value, UsageEvent& event,
                                Rejection& rejection) {
  double number = 0;
  if (!read_milliseconds(spec.name, value, number, rejection)) return false;
  event.*spec.milliseconds = number;
  return true;
}

bool read_stream(const FieldSpec& spec, const JsonValue& value, UsageEvent& event, Rejection& rejection) {
  bool stream = false;
  if (!read_boolean(spec.name, value, stream, rejection)) return false;
  event.stream = stream;
  return true;
}

bool read_attempt(const FieldSpec& spec, const JsonValue& value, UsageEvent& event, Rejection& rejection) {
  std::int64_t attempt = 0;
  if (!read_integer(spec.name, value, spec.range, attempt, rejection)) return false;
  event.attempts = 1;
  event.retries = attempt > 1 ? 1 : 0;
  return true;
}

bool read_retry_count(const FieldSpec& spec, const JsonValue& value, UsageEvent& event, Rejection& rejection) {
  if (!read_integer(spec.name, value, spec.range, event.retries, rejection)) return false;
  event.attempts = 1 + event.retries;
  return true;
}

bool read_field(const FieldSpec& spec, const JsonValue& value, UsageEvent& event, Rejection& rejection) {
  switch (spec.kind) {
    case FieldKind::schema_version:
      return read_schema_version(value, rejection);
    case FieldKind::time:
      return read_time(spec.name, value, event.ts, rejection);
    case FieldKind::text:
      return read_text(spec.name, value, event.*spec.text, rejection);
    case FieldKind::integer:
      return read_optional_integer(spec, value, event.*spec.integer, rejection);
    case FieldKind::http_status:
      return read_optional_integer(spec, value, event.http_status, rejection);
    case FieldKind::status:
      return read_status(value, event.status, rejection);
    case FieldKind::cost:
      return read_optional_cost(spec, value, event, rejection);
    case FieldKind::milliseconds:
      return read_optional_milliseconds(spec, value, event, rejection);
    case FieldKind::flag:
      return read_boolean(spec.name, value, event.*spec.flag, rejection);
    case FieldKind::stream:
      return read_stream(spec, value, event, rejection);
    case FieldKind::attempt:
      return read_attempt(spec, value, event, rejection);
    case FieldKind::retry_count:
      return read_retry_count(spec, value, event, rejection);
    case FieldKind::tags:
      if (value.kind == JsonKind::object) return true;
      return reject(rejection, RejectReason::bad_type, "tags: not an object");
  }
  return true;
}

bool missing(std::string_view name, std::string_view why, Rejection& rejection) {
  return reject(rejection, RejectReason::missing_field, std::string(name) + ": missing" + std::string(why));
}

bool check_required(bool has_ts, const UsageEvent& event, Rejection& rejection) {
  if (!has_ts) return missing("ts", "", rejection);
  if (event.model.empty()) return missing("model", "", rejection);
  if (event.status != core::CallStatus::ok) return true;
  constexpr std::string_view kWhy = ", but the call succeeded (status ok)";
  if (!event.input_tokens) return missing("input_tokens", kWhy, rejection);
  if (!event.output_tokens) return missing("output_tokens", kWhy, rejection);
  return true;
}

// A subset of a total that is not given cannot be judged, so it needs its total.
bool check_subset(std::string_view part_name, std::optional<std::int64_t> part, std::string_view total_name,
                  std::optional<std::int64_t> total, Rejection& rejection) {
  if (!part) return true;
  if (!total) {
    return reject(rejection, RejectReason::bad_tokens,
                  std::string(part_name) + ": given without " + std::string(total_name));
  }
  if (*part <= *total) return true;
  return reject(rejection, RejectReason::bad_tokens,
                std::string(part_name) + ": " + std::to_string(*part) + " is more than " + std::string(total_name) +
                    " " + std::to_string(*total));
}

bool check_subsets(const UsageEvent& event, Rejection& rejection) {
  std::optional<std::int64_t> cached;
  if (event.cache_read_tokens || event.cache_write_tokens) {
    cached = event.cache_read_tokens.value_or(0) + event.cache_write_tokens.value_or(0);
  }
  return check_subset("cache_read_tokens + cache_write_tokens", cached, "input_tokens", event.input_tokens,
                      rejection) &&
         check_subset("cache_write_1h_tokens", event.cache_write_1h_tokens, "cache_write_tokens",
                      event.cache_write_tokens, rejection) &&
         check_subset("reasoning_tokens", event.reasoning_tokens, "output_tokens", event.output_tokens, rejection);
}

constexpr std::uint32_t bit_of(FieldKind kind) { return std::uint32_t{1} << static_cast<unsigned>(kind); }

}  // namespace

bool read_event(const FieldValues& values, UsageEvent& event, Rejection& rejection) {
  std::construct_at(&event);  // assigning a fresh one would copy its thousand bytes
  std::uint32_t kinds = 0;
  const auto fields = event_fields();
  for (std::uint64_t rest = values.present(); rest != 0; rest &= rest - 1) {
    const int field = std::countr_zero(rest);
    const FieldSpec& spec = fields[static_cast<std::size_t>(field)];
    if (!read_field(spec, values.at(field), event, rejection)) return false;
    kinds |= bit_of(spec.kind);
  }
  constexpr std::uint32_t kBothRetryStyles = bit_of(FieldKind::attempt) | bit_of(FieldKind::retry_count);
  if ((kinds & kBothRetryStyles) == kBothRetryStyles) {
    return reject(rejection, RejectReason::conflict, "attempt and retry_count: give one of them, never both");
  }
  const bool has_ts = (kinds & bit_of(FieldKind::time)) != 0;
  return check_required(has_ts, event, rejection) && check_subsets(event, rejection);
}

}  // namespace costdrift::daemon
