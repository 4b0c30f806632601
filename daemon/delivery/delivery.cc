#include "daemon/delivery/delivery.h"

#include "daemon/delivery/sink_notice.h"
#include "daemon/delivery/worker.h"

namespace costdrift::daemon {

struct Delivery::Impl {
  const core::Clock& clock;
  SystemWaiter system_waiter;
  SinkNotices notices;
  std::vector<std::unique_ptr<DeliveryWorker>> workers;

  // A worker answers only what it was given, so all of them are there by then.
  void on_answer(const std::string& sink, const AttemptReport& report) {
    std::optional<core::Notification> notice;
    if (report.result == AttemptResult::rejected) notice = notices.on_rejected(sink, report.reason, clock.wall_now());
    if (report.result == AttemptResult::delivered) notice = notices.on_delivered(sink, clock.wall_now());
    if (report.result == AttemptResult::expired && report.given_up > 0) {
      notice = notices.on_expired(sink, tickets_given_up(report.given_up), clock.wall_now());
    }
    if (!notice) return;
    for (const auto& worker : workers) {
      if (worker->name() != sink) worker->want(*notice);
    }
  }
};

Delivery::Delivery(std::vector<SinkSetup> sinks, state::DeliveryTable& deliveries, const core::Clock& clock,
                   Waiter* waiter, int storm_limit, core::Duration ticket_ttl)
    : impl_(new Impl{.clock = clock}) {
  Waiter& used = waiter != nullptr ? *waiter : impl_->system_waiter;
  for (SinkSetup& setup : sinks) {
    impl_->workers.push_back(std::make_unique<DeliveryWorker>(
        std::move(setup), deliveries, clock, used, storm_limit, ticket_ttl,
        [impl = impl_.get()](const auto& sink, const auto& report) { impl->on_answer(sink, report); }));
  }
}

Delivery::~Delivery() { stop({}); }

void Delivery::want(const std::string& sink, core::Notification notification) {
  for (const auto& worker : impl_->workers) {
    if (worker->name() != sink) continue;
    worker->want(std::move(notification));
    return;
  }
}

std::vector<SinkStatistics> Delivery::statistics() const {
  std::vector<SinkStatistics> all;
  for (const auto& worker : impl_->workers) all.push_back(worker->statistics());
  return all;
}

void Delivery::stop(core::Duration patience) {
  const core::MonotonicTime deadline = impl_->clock.monotonic_now() + std::chrono::microseconds(patience.us);
  for (const auto& worker : impl_->workers) worker->begin_stop(deadline);
  for (const auto& worker : impl_->workers) worker->finish_stop();
}

}  // namespace costdrift::daemon
