#include "daemon/delivery_worker.h"

#include <algorithm>

namespace costdrift::daemon {
namespace {

// Back-off decides nothing but when to try again; differing seeds keep daemons that share a receiver apart.
std::mt19937 seeded(const std::string& name, const core::Clock& clock) {
  std::vector<std::uint32_t> seeds(name.begin(), name.end());
  seeds.push_back(static_cast<std::uint32_t>(clock.wall_now().us));
  std::seed_seq sequence(seeds.begin(), seeds.end());
  return std::mt19937(sequence);
}

}  // namespace

DeliveryWorker::DeliveryWorker(SinkSetup setup, state::DeliveryTable& deliveries, const core::Clock& clock,
                               Waiter& waiter)
    : setup_(std::move(setup)),
      clock_(clock),
      waiter_(waiter),
      attempt_(setup_.name, setup_.type == "pagerduty", *setup_.sink, deliveries),
      pace_(setup_.min_interval, setup_.burst),
      random_(seeded(setup_.name, clock)) {
  statistics_.name = setup_.name;
  statistics_.type = setup_.type;
  thread_ = std::thread([this] { run(); });
}

DeliveryWorker::~DeliveryWorker() {
  begin_stop(clock_.monotonic_now());
  finish_stop();
}

void DeliveryWorker::want(core::Notification notification) {
  const std::scoped_lock lock(mutex_);
  if (stopping_) return;
  queue_.put(std::move(notification), clock_.monotonic_now());
  changed_.notify_all();
}

SinkStatistics DeliveryWorker::statistics() const {
  const std::scoped_lock lock(mutex_);
  SinkStatistics statistics = statistics_;
  statistics.pending = static_cast<std::int64_t>(queue_.size());
  return statistics;
}

void DeliveryWorker::begin_stop(core::MonotonicTime deadline) {
  const std::scoped_lock lock(mutex_);
  if (stopping_) return;
  stopping_ = true;
  stop_deadline_ = deadline;
  changed_.notify_all();
}

void DeliveryWorker::finish_stop() {
  {
    std::unique_lock lock(mutex_);
    while (!ended_ && clock_.monotonic_now() < stop_deadline_) waiter_.wait_until(lock, changed_, stop_deadline_);
  }
  if (setup_.http) setup_.http->cancel();
  if (thread_.joinable()) thread_.join();
}

void DeliveryWorker::run() {
  std::unique_lock lock(mutex_);
  while (!must_end(clock_.monotonic_now())) {
    const core::MonotonicTime start = next_start();
    if (store_failed_ || clock_.monotonic_now() < start) {
      waiter_.wait_until(lock, changed_, store_failed_ ? core::MonotonicTime::max() : start);
      continue;
    }
    const core::Notification notification = queue_.take();
    lock.unlock();
    const bool needed = attempt_.needed(notification);
    const AttemptReport report = needed ? attempt_.make(notification) : AttemptReport{};
    lock.lock();
    settle(notification, report);
  }
  ended_ = true;
  changed_.notify_all();
}

core::MonotonicTime DeliveryWorker::next_start() const {
  const auto due = queue_.next_due();
  if (!due) return core::MonotonicTime::max();
  return std::max({*due, pace_.next(), breaker_.next(), asked_to_wait_until_});
}

bool DeliveryWorker::must_end(core::MonotonicTime now) const {
  return stopping_ && (store_failed_ || now >= stop_deadline_ || next_start() > stop_deadline_);
}

void DeliveryWorker::settle(const core::Notification& notification, const AttemptReport& report) {
  const core::MonotonicTime now = clock_.monotonic_now();
  if (report.result != AttemptResult::not_needed) pace_.take(now);
  switch (report.result) {
    case AttemptResult::not_needed:
      queue_.finish(notification, now);
      return;
    case AttemptResult::delivered:
      ++statistics_.delivered;
      statistics_.last_problem.clear();
      breaker_.on_success();
      queue_.finish(notification, now);
      return;
    case AttemptResult::rejected:
      ++statistics_.rejected;
      statistics_.last_problem = report.reason;
      breaker_.on_success();  // the sink answers: other messages may pass
      queue_.finish(notification, now);
      return;
    case AttemptResult::retry:
      settle_retry(notification, report);
      return;
    case AttemptResult::store_failed:
      statistics_.last_problem = report.reason;
      store_failed_ = true;
      queue_.retry(notification, now);
      return;
  }
}

void DeliveryWorker::settle_retry(const core::Notification& notification, const AttemptReport& report) {
  const core::MonotonicTime now = clock_.monotonic_now();
  ++statistics_.retried;
  statistics_.last_problem = report.reason;
  breaker_.on_failure(now);
  if (report.retry_after.us > 0) asked_to_wait_until_ = after(now, report.retry_after);
  const core::Duration backoff = jittered_backoff(random_, queue_.failures(notification.event.incident_id) + 1);
  queue_.retry(notification, after(now, std::max(backoff, report.retry_after)));
}

}  // namespace costdrift::daemon
