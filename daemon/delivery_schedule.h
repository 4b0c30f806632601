// DeliverySchedule: what one sink is to be told, when, and what follows from each attempt: queue, pace, breaker,
// back-off. The policy of delivery without its thread: DeliveryWorker runs it in real time, a simulation step by step.
//
// Operation  next_start() says when the next message may go; take() hands it out; settle() puts the result to account.
//            One message is under way at a time.
// Threads    a plain value; the worker's lock protects it.
// Limits     randomness decides nothing but when to try again; the seed is the caller's.
#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "core/clock.h"
#include "daemon/delivery.h"
#include "daemon/delivery_attempt.h"
#include "daemon/delivery_pace.h"
#include "daemon/delivery_queue.h"

namespace costdrift::daemon {

class DeliverySchedule {
 public:
  DeliverySchedule(std::string sink_name, std::string sink_type, core::Duration min_interval, int burst,
                   std::mt19937 random);

  void want(core::Notification notification, core::MonotonicTime now) { queue_.put(std::move(notification), now); }
  // MonotonicTime::max(): nothing waits, or the store failed and nothing may be sent any more.
  core::MonotonicTime next_start() const;
  // next_start() must have passed.
  core::Notification take() { return queue_.take(); }
  void settle(const core::Notification& taken, const AttemptReport& report, core::MonotonicTime now);

  bool store_failed() const { return store_failed_; }
  SinkStatistics statistics() const;

 private:
  void settle_retry(const core::Notification& taken, const AttemptReport& report, core::MonotonicTime now);

  DeliveryQueue queue_;
  Pace pace_;
  Breaker breaker_;
  std::mt19937 random_;
  core::MonotonicTime asked_to_wait_until_ = core::MonotonicTime::min();
  SinkStatistics statistics_;
  bool store_failed_ = false;
};

}  // namespace costdrift::daemon
