// Decoder: bytes of one log record -> usage events or reasons. The only JSON reader of events, for daemon, replay and
// tools alike.
//
// Strict: RFC 8259, UTF-8, depth <= 32, at most 128 fields. Unknown fields are ignored; null counts as absent; of a
// field that is given twice (also by its alias) the last value counts. A JSON array of objects and newline-delimited
// objects in one record are several events; a bad element rejects that element only. An array that is not JSON as a
// whole is one rejection. When several things are wrong with an event, the reason does not depend on the order of its
// keys: fields are judged in the order of daemon/decode/decode_fields.cc, then what is missing, then what contradicts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "core/result.h"
#include "core/usage_event.h"

namespace costdrift::daemon {

// Why an event cannot be used. The names (reject_name) are metric labels.
enum class RejectReason : std::uint8_t {
  empty,           // no bytes, a tombstone, or an array without elements
  too_large,       // over limits.max_message_bytes, more than 128 fields or 16 tags
  malformed,       // not JSON, or not an object
  schema_version,  // schema_version with a major number other than 1
  missing_field,   // ts, model, or tokens of a successful call
  bad_type,        // a field of the wrong JSON type
  bad_timestamp,   // not a time, or before 2020
  bad_tokens,      // not an integer in 0..1e9, or a subset larger than its total
  bad_cost,        // negative, not finite, or above 1e6 dollars
  bad_number,      // another number out of range
  bad_text,        // a text over 128 bytes or with control characters; a status that is none
  conflict,        // attempt and retry_count together
};
inline constexpr int kRejectReasons = 12;
std::string_view reject_name(RejectReason reason);

class EventHandler {
 public:
  virtual ~EventHandler() = default;
  // The event borrows from the decoder and is valid during the call only.
  virtual void on_event(const core::UsageEvent& event) = 0;
  // `detail` is one escaped line of at most 200 bytes: which field, what was wrong.
  virtual void on_rejected(RejectReason reason, std::string_view detail) = 0;
};

// Threads  one instance per thread; buffers are reused.
class Decoder {
 public:
  virtual ~Decoder() = default;
  // Calls the handler once per event in the record, at least once.
  virtual void decode(std::string_view record, EventHandler& handler) = 0;
};

struct DecodeLimits {
  std::int64_t max_message_bytes = 262'144;
};

// `format` as in kafka.topics[].format: "canonical". Another name is an error (config).
core::Result<std::unique_ptr<Decoder>> make_decoder(std::string_view format, DecodeLimits limits);

}  // namespace costdrift::daemon
