// require: what must hold of every input; a fuzzer ends there, and keeps the input.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace costdrift::tests {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace costdrift::tests
