// What must be true of the state directory before RocksDB touches it.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace costdrift::state {

struct DirectoryRules {
  bool create = true;
  bool read_only = false;
  std::int64_t min_free_mib = 0;
};

// Creates the directory (mode 0700, parents by the rules of the process) when it is missing and `create` is set.
// Refuses one that is no directory, belongs to another user, cannot be written, has too little free disk, or holds
// files of something else. Each message says what to do.
core::Result<void> prepare_directory(const std::string& path, const DirectoryRules& rules);

// True when the directory holds a database already.
bool holds_database(const std::string& path);

}  // namespace costdrift::state
