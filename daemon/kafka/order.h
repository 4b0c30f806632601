// Which partition to read next: the one whose events are oldest, so that catching up on days of history keeps few
// buckets open. Pure functions over what is known of each partition.
//
// No partition is read further than kMaxLead of event time ahead of another one that still has events to come. A
// partition that is caught up holds nobody back, nor does one of which no event time is known, except in the moments
// after it was assigned (`first_answer_due`), when its first record may be older than everything else.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "core/time.h"

namespace costdrift::daemon {

inline constexpr core::Duration kMaxLead = core::minutes(5);

struct PartitionView {
  core::EventTime newest = core::EventTime::min();  // min(): none known
  bool ready = false;                               // fetched records wait to be read
  bool caught_up = false;                           // everything in the log has been read
  bool first_answer_due = false;  // just assigned: neither a record nor the end of the log was seen yet
};

// nullopt: nothing may be read now.
std::optional<std::size_t> next_to_read(std::span<const PartitionView> partitions);

// The partition may be read while its newest event is not later than this.
core::EventTime read_limit(std::span<const PartitionView> partitions, std::size_t chosen);

}  // namespace costdrift::daemon
