// FakeClock: time that stands still until the test moves it, for everything that takes a core::Clock or a Waiter.
//
// Operation  advance() moves wall and monotonic time together and wakes every thread that waits by this clock.
// Threads    safe from every thread. Limits: do not call advance() while an object that waits by it is destroyed.
#pragma once

#include <algorithm>
#include <vector>

#include "core/time.h"
#include "daemon/delivery/waiter.h"

namespace costdrift::tests {

class FakeClock final : public core::Clock, public daemon::Waiter {
 public:
  explicit FakeClock(core::WallTime start = {1'772'460'300'000'000}) : wall_(start) {}  // 2026-03-02T14:05:00Z

  core::WallTime wall_now() const override {
    const std::scoped_lock lock(mutex_);
    return wall_;
  }
  core::MonotonicTime monotonic_now() const override {
    const std::scoped_lock lock(mutex_);
    return monotonic_;
  }

  void advance(core::Duration step) {
    std::vector<Sleeper> woken;
    {
      const std::scoped_lock lock(mutex_);
      wall_.us += step.us;
      monotonic_ += std::chrono::microseconds(step.us);
      woken.swap(sleepers_);
    }
    for (const Sleeper& sleeper : woken) {
      // Taking the sleeper's lock makes sure that it is inside wait() and cannot miss the call.
      { const std::scoped_lock lock(*sleeper.mutex); }
      sleeper.condition->notify_all();
    }
  }

  // The wall clock is set, as by a person or a time server; monotonic time goes on as it was.
  void jump(core::Duration by) {
    const std::scoped_lock lock(mutex_);
    wall_.us += by.us;
  }

  void wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& condition,
                  core::MonotonicTime deadline) override {
    {
      const std::scoped_lock own(mutex_);
      if (monotonic_ >= deadline) return;
      sleepers_.push_back({lock.mutex(), &condition});
      fell_asleep_.notify_all();
    }
    condition.wait(lock);
    const std::scoped_lock own(mutex_);
    const auto mine = std::find(sleepers_.begin(), sleepers_.end(), Sleeper{lock.mutex(), &condition});
    if (mine != sleepers_.end()) sleepers_.erase(mine);
  }

  // Waits (in real time, at most ten seconds) until at least `count` threads wait by this clock: after advance(), until
  // they have done all that they could do. False: they did not settle.
  [[nodiscard]] bool await_sleepers(std::size_t count = 1) {
    std::unique_lock lock(mutex_);
    return fell_asleep_.wait_for(lock, std::chrono::seconds(10), [&] { return sleepers_.size() >= count; });
  }

 private:
  struct Sleeper {
    std::mutex* mutex;
    std::condition_variable* condition;
    bool operator==(const Sleeper&) const = default;
  };
  mutable std::mutex mutex_;
  std::condition_variable fell_asleep_;
  core::WallTime wall_;
  core::MonotonicTime monotonic_{std::chrono::hours(1)};
  std::vector<Sleeper> sleepers_;
};

}  // namespace costdrift::tests
