// GeneratedLog: the demo's traffic as log files, one a partition, for measuring.
//
// Threads  one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace costdrift::bench {

struct LogShape {
  int days = 3;  // the last with the demo's incidents
  int partitions = 4;
  double volume = 1;        // times the demo's calls
  bool compressed = false;  // zstd, 40 bytes an event; otherwise 400
};

struct GeneratedLog {
  std::vector<std::string> paths;
  std::int64_t events = 0;
  std::int64_t bytes = 0;  // of the files
};

// Writes the files. nullopt: one cannot be written, such as when the disk is full.
std::optional<GeneratedLog> write_log(const LogShape& shape, const std::filesystem::path& directory);

// The volume at which the days hold about so many events.
double volume_for(std::int64_t events, const LogShape& shape);

}  // namespace costdrift::bench
