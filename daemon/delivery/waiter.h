// Waiter: how a worker waits for "something changed, or it is time", so that tests can move time themselves.
#pragma once

#include <condition_variable>
#include <mutex>

#include "core/clock.h"

namespace costdrift::daemon {

// Threads  safe to call from every thread.
class Waiter {
 public:
  virtual ~Waiter() = default;
  // Releases `lock` until `condition` is notified or the waiter's clock reaches `deadline`, then takes it again. May
  // return early: the caller looks again.
  virtual void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                          core::MonotonicTime deadline) = 0;
};

// Real time: goes with core::SystemClock.
class SystemWaiter final : public Waiter {
 public:
  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                  core::MonotonicTime deadline) override {
    condition.wait_until(lock, deadline);
  }
};

}  // namespace costdrift::daemon
