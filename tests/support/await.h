// await: waits in real time for something that another thread brings about, at most ten seconds.
#pragma once

#include <chrono>
#include <thread>

namespace costdrift::tests {

// True as soon as `done()` is.
template <class Done>
[[nodiscard]] bool await(const Done& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace costdrift::tests
