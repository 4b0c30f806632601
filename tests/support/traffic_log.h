// TrafficLog: records by partition, made once, then published to a broker or written to files, byte for byte the same.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/result.h"
#include "tests/support/temp_dir.h"

namespace costdrift::tests {

struct TrafficLog {
  std::vector<std::vector<std::string>> partitions;
  std::int64_t records() const;
};

// The demo's traffic at a fiftieth of its volume: a day of history and the day with the incidents; `apps` only when
// given, and so many `times` as many calls. In the past of every clock, so that no event lies in the future.
TrafficLog demo_traffic(int partitions, const std::set<std::string>& apps = {}, int times = 1);

// Lines in order of time dealt to partitions, the calls of one agent run (or one event id) always to the same.
TrafficLog deal(const std::vector<std::string>& lines, int partitions);

// The part-th (from 0) of so many parts of each partition.
TrafficLog part_of(const TrafficLog& log, int part, int parts);

// Publishes and waits for the broker's answers.
core::Result<void> publish(const TrafficLog& log, const std::string& bootstrap, const std::string& topic);

// One file a partition; returns the paths.
std::vector<std::string> write_files(const TrafficLog& log, const TempDir& directory);

}  // namespace costdrift::tests
