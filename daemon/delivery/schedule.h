// DeliverySchedule: what one sink is to be told, when, and what follows from each attempt: queue, pace, breaker,
// back-off, storms, expiry. The policy of delivery without its thread: DeliveryWorker runs it in real time, a
// simulation step by step.
//
// Operation  next_start() says when the next message may go; take() hands it out; settle() puts the result to account.
//            One message is under way at a time.
// Threads    a plain value; the worker's lock protects it.
// Limits     randomness decides nothing but when to try again; the seed is the caller's.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "core/clock.h"
#include "daemon/delivery/attempt.h"
#include "daemon/delivery/delivery.h"
#include "daemon/delivery/pace.h"
#include "daemon/delivery/parcel.h"
#include "daemon/delivery/queue.h"
#include "daemon/delivery/storm.h"

namespace costdrift::daemon {

class DeliverySchedule {
 public:
  DeliverySchedule(std::string sink_name, std::string sink_type, core::Duration min_interval, int burst,
                   std::mt19937 random, int storm_limit = 0, core::Duration ticket_ttl = {});

  void want(core::Notification notification, core::MonotonicTime now);
  // MonotonicTime::max(): nothing waits, or the store failed and nothing may be sent any more.
  core::MonotonicTime next_start() const;
  // next_start() must have passed. `wall` is what a digest says for "now".
  DeliveryParcel take(core::MonotonicTime now, core::WallTime wall);
  void settle(const DeliveryParcel& taken, const AttemptReport& report, core::MonotonicTime now);
  // An earlier run left the sink in a storm.
  void resume_storm(core::MonotonicTime now) { storm_.resume(now); }

  bool store_failed() const { return store_failed_; }
  SinkStatistics statistics() const;

 private:
  std::optional<core::MonotonicTime> next_due() const;
  void settle_retry(const DeliveryParcel& taken, const AttemptReport& report, core::MonotonicTime now);
  void settle_expired(const DeliveryParcel& taken, const AttemptReport& report, core::MonotonicTime now);
  void finish(const DeliveryParcel& taken, const AttemptReport& report, core::MonotonicTime now);

  DeliveryQueue queue_;
  Storm storm_;
  std::set<std::string> alone_;  // incidents to be told one by one even in a storm
  Pace pace_;
  Breaker breaker_;
  std::mt19937 random_;
  core::MonotonicTime asked_to_wait_until_ = core::MonotonicTime::min();
  SinkStatistics statistics_;
  std::string failing_because_;  // the last attempt's reason; empty: it succeeded
  bool store_failed_ = false;
};

// "3 tickets waited longer than limits.ticket_ttl and were given up", for a person.
std::string tickets_given_up(std::size_t count);

}  // namespace costdrift::daemon
