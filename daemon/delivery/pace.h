// When a sink may be sent the next message: pacing, back-off and the breaker, as plain values without clock or thread.
#pragma once

#include <random>

#include "core/clock.h"
#include "core/time.h"

namespace costdrift::daemon {

inline core::MonotonicTime after(core::MonotonicTime time, core::Duration wait) {
  return time + std::chrono::microseconds(wait.us);
}

// Not more than one message per `min_interval`, after a burst of `burst`.
class Pace {
 public:
  Pace(core::Duration min_interval, int burst) : min_interval_(min_interval), burst_(burst) {}
  core::MonotonicTime next() const;
  void take(core::MonotonicTime now);

 private:
  core::Duration min_interval_;
  int burst_;
  core::MonotonicTime booked_until_;  // when the messages sent so far would end at the steady rate
};

// Full jitter: uniform in [0, min(300 s, 1 s * 2^(failures - 1))]. `failures` >= 1.
core::Duration jittered_backoff(std::mt19937& random, int failures);

// Leaves a failing sink alone: after 5 failures in a row for 30 s, then after every failed probe twice as long, up to
// 5 min. The first success closes it.
class Breaker {
 public:
  core::MonotonicTime next() const { return retry_at_; }
  bool open() const { return wait_.us > 0; }
  void on_failure(core::MonotonicTime now);
  void on_success();

 private:
  int failures_ = 0;
  core::Duration wait_;
  core::MonotonicTime retry_at_ = core::MonotonicTime::min();
};

}  // namespace costdrift::daemon
