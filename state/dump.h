// dump_state: the whole state as canonical text, sorted, one row a line: equality of two runs is equality of two dumps.
//
// Caches and what depends on wall-clock or on the speed of the outside (deliveries, dead letters) are left out unless
// asked for; rows that may be cut differently by commits (dedup) are printed as their logical content.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "state/store.h"

namespace costdrift::state {

struct DumpOptions {
  bool with_deliveries = false;
};

// `path` may be the directory of a running daemon (opened read-only).
core::Result<void> dump_state(const std::string& path, const DumpOptions& options,
                              const std::function<void(std::string_view line)>& write);

// The same of an open store (tests, the simulator); what was put and not yet committed is seen too.
core::Result<void> dump_store(Store& store, const DumpOptions& options,
                              const std::function<void(std::string_view line)>& write);

}  // namespace costdrift::state
