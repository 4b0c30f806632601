#include "daemon/delivery/worker.h"

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
                               Waiter& waiter, int storm_limit, core::Duration ticket_ttl, OnAnswer on_answer)
    : setup_(std::move(setup)),
      clock_(clock),
      waiter_(waiter),
      on_answer_(std::move(on_answer)),
      attempt_(setup_.name, setup_.type == "pagerduty", *setup_.sink, deliveries),
      schedule_(setup_.name, setup_.type, setup_.min_interval, setup_.burst, seeded(setup_.name, clock), storm_limit,
                ticket_ttl) {
  if (storm_limit > 0 && attempt_.in_storm()) schedule_.resume_storm(clock_.monotonic_now());
  thread_ = std::thread([this] { run(); });
}

DeliveryWorker::~DeliveryWorker() {
  begin_stop(clock_.monotonic_now());
  finish_stop();
}

void DeliveryWorker::want(core::Notification notification) {
  const std::scoped_lock lock(mutex_);
  if (stopping_) return;
  schedule_.want(std::move(notification), clock_.monotonic_now());
  changed_.notify_all();
}

SinkStatistics DeliveryWorker::statistics() const {
  const std::scoped_lock lock(mutex_);
  return schedule_.statistics();
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
    const core::MonotonicTime start = schedule_.next_start();
    if (clock_.monotonic_now() < start) {
      waiter_.wait_until(lock, changed_, start);
      continue;
    }
    const DeliveryParcel parcel = schedule_.take(clock_.monotonic_now(), clock_.wall_now());
    lock.unlock();
    const AttemptReport report = attempt_.make(parcel);
    if (on_answer_) on_answer_(setup_.name, report);
    lock.lock();
    schedule_.settle(parcel, report, clock_.monotonic_now());
  }
  ended_ = true;
  changed_.notify_all();
}

bool DeliveryWorker::must_end(core::MonotonicTime now) const {
  return stopping_ && (schedule_.store_failed() || now >= stop_deadline_ || schedule_.next_start() > stop_deadline_);
}

}  // namespace costdrift::daemon
