// How much of a long test runs: COSTDRIFT_TEST_SCALE is quick (a fresh machine), all (CI) or long (full counts).
#pragma once

#include <cstdlib>
#include <string_view>

namespace costdrift::tests {

inline int scaled(int quick, int all, int full) {
  const char* scale = std::getenv("COSTDRIFT_TEST_SCALE");
  if (scale == nullptr) return quick;
  return std::string_view(scale) == "long" ? full : std::string_view(scale) == "all" ? all : quick;
}

}  // namespace costdrift::tests
