// DeliveryWorker: one sink's queue and thread. Delivery holds one per sink.
//
// Threads  want(), statistics(), begin_stop() and finish_stop() from the stream thread; the worker's own thread owns
//          the sink.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "daemon/delivery/attempt.h"
#include "daemon/delivery/delivery.h"
#include "daemon/delivery/schedule.h"

namespace costdrift::daemon {

class DeliveryWorker {
 public:
  // Called by the worker's thread after every attempt, without its lock.
  using OnAnswer = std::function<void(const std::string& sink, const AttemptReport& report)>;
  DeliveryWorker(SinkSetup setup, state::DeliveryTable& deliveries, const core::Clock& clock, Waiter& waiter,
                 int storm_limit, core::Duration ticket_ttl, OnAnswer on_answer);
  ~DeliveryWorker();
  DeliveryWorker(const DeliveryWorker&) = delete;
  DeliveryWorker& operator=(const DeliveryWorker&) = delete;

  const std::string& name() const { return setup_.name; }
  void want(core::Notification notification);
  SinkStatistics statistics() const;

  // No new messages; the thread ends when it has nothing to send before `deadline`.
  void begin_stop(core::MonotonicTime deadline);
  // Waits for the thread; after the deadline a request under way is cancelled.
  void finish_stop();

 private:
  void run();
  bool must_end(core::MonotonicTime now) const;

  // Constant after construction, or of the worker's thread alone.
  SinkSetup setup_;
  const core::Clock& clock_;
  Waiter& waiter_;
  const OnAnswer on_answer_;
  DeliveryAttempt attempt_;

  // Protected by mutex_.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  DeliverySchedule schedule_;
  bool stopping_ = false;
  bool ended_ = false;
  core::MonotonicTime stop_deadline_;

  std::thread thread_;  // last: starts when everything above is ready
};

}  // namespace costdrift::daemon
