#include "daemon/delivery.h"

#include "daemon/delivery_worker.h"

namespace costdrift::daemon {

struct Delivery::Impl {
  const core::Clock& clock;
  SystemWaiter system_waiter;
  std::vector<std::unique_ptr<DeliveryWorker>> workers;
};

Delivery::Delivery(std::vector<SinkSetup> sinks, state::DeliveryTable& deliveries, const core::Clock& clock,
                   Waiter* waiter)
    : impl_(new Impl{clock, {}, {}}) {
  Waiter& used = waiter != nullptr ? *waiter : impl_->system_waiter;
  for (SinkSetup& setup : sinks) {
    impl_->workers.push_back(std::make_unique<DeliveryWorker>(std::move(setup), deliveries, clock, used));
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
