// How much of a long test runs: COSTDRIFT_TEST_SCALE is quick (a fresh machine), all (CI) or long (full counts).
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace costdrift::tests {

inline int scaled(int quick, int all, int full) {
  const char* scale = std::getenv("COSTDRIFT_TEST_SCALE");
  if (scale == nullptr) return quick;
  return std::string_view(scale) == "long" ? full : std::string_view(scale) == "all" ? all : quick;
}

struct Seeds {
  std::uint64_t first;
  int count;
};

// COSTDRIFT_SEED=N: that seed alone, to look at it; with COSTDRIFT_SEEDS=M so many from there on, to share out a long
// run. Otherwise `usual`.
inline Seeds seeds_asked_for(Seeds usual) {
  const char* first = std::getenv("COSTDRIFT_SEED");
  const char* count = std::getenv("COSTDRIFT_SEEDS");
  if (first == nullptr) return usual;
  return {std::strtoull(first, nullptr, 10), count == nullptr ? 1 : std::atoi(count)};
}

}  // namespace costdrift::tests
