// read_event: the fields of one JSON object -> a checked UsageEvent. The rules of docs/EVENTS.md, without JSON.
#pragma once

#include <array>
#include <cstdint>

#include "core/usage_event.h"
#include "daemon/decode/decode_fields.h"

namespace costdrift::daemon {

// The known fields of one object that are not null, by index into event_fields().
class FieldValues {
 public:
  void clear() { present_ = 0; }
  // A later value of the same field replaces the earlier one.
  JsonValue& put(int field) {
    present_ |= std::uint64_t{1} << field;
    return values_[static_cast<std::size_t>(field)];
  }
  bool has(int field) const { return ((present_ >> field) & 1) != 0; }
  const JsonValue& at(int field) const { return values_[static_cast<std::size_t>(field)]; }
  std::uint64_t present() const { return present_; }

 private:
  std::uint64_t present_ = 0;
  std::array<JsonValue, kMaxFieldSpecs> values_{};
};

// Overwrites `event`, whose texts borrow from the values. False: not usable, `rejection` says why, and `event` must
// not be used. The members of `tags` are not looked at.
bool read_event(const FieldValues& values, core::UsageEvent& event, Rejection& rejection);

}  // namespace costdrift::daemon
