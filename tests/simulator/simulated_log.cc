#include "tests/simulator/simulated_log.h"

namespace costdrift::tests {

SimulatedLog::SimulatedLog(const TrafficLog& traffic, Random& random, LogFaults faults)
    : traffic_(traffic), random_(random), faults_(faults), cursors_(traffic.partitions.size()) {}

std::int64_t SimulatedLog::lag() const {
  std::int64_t lag = 0;
  for (std::size_t p = 0; p < cursors_.size(); ++p) {
    lag += static_cast<std::int64_t>(traffic_.partitions[p].size()) - cursors_[p].next;
  }
  return lag;
}

core::Result<void> SimulatedLog::poll(core::Duration, daemon::LogHandler& handler) {
  if (random_.chance(faults_.away)) return {};
  for (std::size_t p = 0; p < cursors_.size(); ++p) {
    if (!cursors_[p].assigned) assign(p, handler);
  }
  const auto chosen = static_cast<std::size_t>(random_.uniform() * static_cast<double>(cursors_.size()));
  hand_over(chosen, handler);
  // Back within the same poll: while a partition is somebody else's, the watermark does not wait for it.
  if (random_.chance(faults_.revoke)) {
    handler.on_revoked(cursors_[chosen].index, false);
    assign(chosen, handler);
  }
  return {};
}

void SimulatedLog::assign(std::size_t partition, daemon::LogHandler& handler) {
  const auto start = handler.on_assigned({"llm.usage", static_cast<std::int32_t>(partition)});
  cursors_[partition] = {.assigned = true, .index = start.index, .next = start.next_offset.value_or(0)};
}

void SimulatedLog::hand_over(std::size_t partition, daemon::LogHandler& handler) {
  Cursor& cursor = cursors_[partition];
  const auto& records = traffic_.partitions[partition];
  const auto end = static_cast<std::int64_t>(records.size());
  auto portion = 1 + static_cast<std::int64_t>(random_.uniform() * faults_.max_records);
  for (; portion > 0 && cursor.next < end; --portion) {
    const std::int64_t offset = cursor.next++;
    if (random_.chance(faults_.skip_record)) continue;
    const auto& value = records[static_cast<std::size_t>(offset)];
    handler.on_record({.partition = cursor.index, .offset = offset, .value = value, .appended_at = {}});
    if (random_.chance(faults_.repeat_record)) {
      handler.on_record({.partition = cursor.index, .offset = offset + 1, .value = value, .appended_at = {}});
    }
  }
  for (std::size_t p = 0; p < cursors_.size(); ++p) {
    const bool at_end = cursors_[p].next >= static_cast<std::int64_t>(traffic_.partitions[p].size());
    if (cursors_[p].assigned && at_end) handler.on_caught_up(cursors_[p].index);
  }
}

}  // namespace costdrift::tests
