// OrderedKey: keys whose byte order is the order of their parts (state/FORMAT.md "Keys").
//
// Integers are big-endian (signed ones with the sign bit flipped); a text that something follows ends with a 0 byte.
// Limits  a 0 byte inside such a text is written as FF (topics, sinks, detectors and series texts hold none).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/time.h"

namespace costdrift::state {

class OrderedKey {
 public:
  OrderedKey& u32(std::uint32_t value);
  OrderedKey& u64(std::uint64_t value);
  OrderedKey& time(core::EventTime value);
  // A text that more parts follow.
  OrderedKey& text(std::string_view value);
  // The last part, as it is.
  OrderedKey& rest(std::string_view value);
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// Reads the parts back in the same order; a key that is too short yields zeros and sets failed().
class OrderedKeyReader {
 public:
  explicit OrderedKeyReader(std::string_view key) : rest_(key) {}
  std::uint32_t u32();
  std::uint64_t u64();
  core::EventTime time();
  std::string_view text();
  std::string_view rest() const { return rest_; }
  bool failed() const { return failed_; }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

// The smallest key that does not start with `prefix`; empty when there is none ("to the end").
std::string end_of_prefix(std::string prefix);

}  // namespace costdrift::state
