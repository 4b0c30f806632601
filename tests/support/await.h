// await: waits in real time for something that another thread or process brings about and that nothing announces:
// what can be waited for by a condition variable or a descriptor should be.
#pragma once

#include <chrono>
#include <thread>

namespace costdrift::tests {

// True as soon as `done()` is; false when it is not within `patience`.
template <class Done>
[[nodiscard]] bool await(const Done& done, std::chrono::milliseconds patience = std::chrono::seconds(10)) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    // What other threads and processes do is looked at from outside: nobody announces it.
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace costdrift::tests
