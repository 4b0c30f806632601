#include "daemon/kafka/order.h"

#include <algorithm>

namespace costdrift::daemon {

core::EventTime read_limit(std::span<const PartitionView> partitions, std::size_t chosen) {
  core::EventTime slowest = core::EventTime::max();
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const PartitionView& other = partitions[i];
    if (i == chosen || (other.caught_up && !other.ready)) continue;
    const bool time_known = other.newest != core::EventTime::min();
    // What waits unread there may be older than anything: one record at a time until its time is known.
    if (!time_known && other.ready) return core::EventTime::min();
    if (time_known) slowest = std::min(slowest, other.newest);
  }
  return slowest > core::EventTime::max() - kMaxLead ? core::EventTime::max() : slowest + kMaxLead;
}

std::optional<std::size_t> next_to_read(std::span<const PartitionView> partitions) {
  std::optional<std::size_t> oldest;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const PartitionView& partition = partitions[i];
    if (partition.first_answer_due && !partition.ready) return std::nullopt;
    if (partition.ready && (!oldest || partition.newest < partitions[*oldest].newest)) oldest = i;
  }
  if (oldest && partitions[*oldest].newest > read_limit(partitions, *oldest)) return std::nullopt;
  return oldest;
}

}  // namespace costdrift::daemon
