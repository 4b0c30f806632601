// The world's clock, injected. Only time-outs, back-off, leases and display may read it; nothing that decides does.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace costdrift::core {

// Civil time of this machine, microseconds since 1970. For display and for judging a producer's clock only.
struct WallTime {
  std::int64_t us = 0;
  auto operator<=>(const WallTime&) const = default;
};

// Never goes back; has no meaning outside this process. For time-outs and back-off.
using MonotonicTime = std::chrono::steady_clock::time_point;

// Threads: implementations are safe to call from every thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall_now() const = 0;
  virtual MonotonicTime monotonic_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  WallTime wall_now() const override {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return {std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count()};
  }
  MonotonicTime monotonic_now() const override { return std::chrono::steady_clock::now(); }
};

}  // namespace costdrift::core
