// Heartbeat: the stream thread beats once per loop; the HTTP server and the watchdog see by its age whether it moves.
//
// Threads  beat() and age() from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "core/clock.h"
#include "core/time.h"

namespace costdrift::daemon {

// Older: the stream thread stands still.
inline constexpr core::Duration kHeartbeatLimit = core::seconds(30);

class Heartbeat {
 public:
  // The clock outlives the object. The first beat is now.
  explicit Heartbeat(const core::Clock& clock) : clock_(clock) { beat(); }
  void beat() { last_.store(now()); }
  core::Duration age() const { return core::microseconds((now() - last_.load()) / 1000); }

 private:
  std::int64_t now() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(clock_.monotonic_now().time_since_epoch()).count();
  }

  const core::Clock& clock_;
  std::atomic<std::int64_t> last_{0};
};

}  // namespace costdrift::daemon
