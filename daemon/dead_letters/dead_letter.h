// DeadLetter: a rejected record with the bytes that it had in its log, and why it was rejected.
//
// A record that holds several events is one dead letter, with the first reason: `rejected` of its `events` could not be
// used, the others were counted. What is late or a duplicate was understood, and is no dead letter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/log_source.h"

namespace costdrift::daemon {

struct RecordHeader {
  std::string name;
  std::optional<std::string> value;  // nullopt: null
  bool operator==(const RecordHeader&) const = default;
};

// What a record of a log holds besides its value.
struct OriginalRecord {
  bool has_value = true;           // false: a tombstone
  std::optional<std::string> key;  // nullopt: null
  std::int64_t stamp_ms = -1;      // since 1970, whoever set it; -1: none
  std::vector<RecordHeader> headers;
  bool operator==(const OriginalRecord&) const = default;
};
// As state/FORMAT.md says; nullopt: not what encode_original() wrote.
std::string encode_original(const OriginalRecord& original);
std::optional<OriginalRecord> decode_original(std::string_view bytes);

struct DeadLetter {
  TopicPartition source;
  std::int64_t log_epoch = 0, offset = 0;
  std::string reason, detail;  // a reject_name(); one escaped line of at most 200 bytes
  std::int64_t rejected = 0, events = 0;
  std::string original;  // bytes of encode_original(); empty: not known
  std::string value;
  std::size_t bytes() const { return original.size() + value.size(); }
};

// The stored row (state/FORMAT.md); nullopt: not of a known version.
std::string dead_letter_key(const DeadLetter& letter);
std::string encode_dead_letter(const DeadLetter& letter);
std::optional<DeadLetter> decode_dead_letter(std::string_view key, std::string_view bytes);

// What goes to the dead-letter topic: the record as it was, with headers that say why it is there behind its own.
// `version` is the program's.
OriginalRecord annotated(const DeadLetter& letter, const std::string& version);

}  // namespace costdrift::daemon
