#include "tests/simulator/simulated_sinks.h"

namespace costdrift::tests {

sinks::Outcome Receivers::receive(const std::string& sink, const core::Notification& notification) {
  if (notification.action != core::NotificationAction::resolve) tried_.emplace(sink, notification.event.incident_id);
  const bool down = faults.pager_down && sink == SimulatedSinks::kPager;
  if (down || random_.chance(faults.refuse)) {
    const auto wait = random_.chance(faults.ask_to_wait) ? core::seconds(30) : core::Duration{};
    // Some refusals come after the message was read: the answer is lost, not the message.
    if (!down && random_.chance(0.2)) {
      messages_[sink].push_back(
          {notification.event.incident_id, notification.event.version, notification.action, life});
    }
    return sinks::Retry{wait, "not now"};
  }
  messages_[sink].push_back({notification.event.incident_id, notification.event.version, notification.action, life});
  return sinks::Delivered{};
}

class SimulatedSinks::ReceiverSink final : public sinks::Sink {
 public:
  ReceiverSink(Receivers& receivers, std::string name) : receivers_(receivers), name_(std::move(name)) {}
  sinks::Outcome deliver(const core::Notification& notification) override {
    return receivers_.receive(name_, notification);
  }

 private:
  Receivers& receivers_;
  const std::string name_;
};

SimulatedSinks::SimulatedSinks(Receivers& receivers, state::DeliveryTable& deliveries, std::uint64_t seed,
                               bool pager_must_open) {
  for (const std::string name : {kChat, kPager}) {
    const bool pager = name == kPager;
    auto sink = std::make_unique<ReceiverSink>(receivers, name);
    auto attempt = std::make_unique<daemon::DeliveryAttempt>(name, pager && pager_must_open, *sink, deliveries);
    const std::string type = pager ? "pagerduty" : "slack";
    lanes_.emplace(name, Lane{std::move(sink), std::move(attempt),
                              daemon::DeliverySchedule(name, type, core::seconds(1), 3,
                                                       std::mt19937(static_cast<std::uint32_t>(seed)))});
  }
}

void SimulatedSinks::want(const std::vector<daemon::Outgoing>& outgoing, core::MonotonicTime now) {
  for (const auto& message : outgoing) lanes_.at(message.sink).schedule.want(message.notification, now);
}

void SimulatedSinks::deliver_due(core::MonotonicTime now) {
  for (auto& [name, lane] : lanes_) {
    while (lane.schedule.next_start() <= now) {
      const daemon::DeliveryParcel parcel = lane.schedule.take(now, {});
      lane.schedule.settle(parcel, lane.attempt->make(parcel), now);
    }
  }
}

std::int64_t SimulatedSinks::pending() const {
  std::int64_t pending = 0;
  for (const auto& [name, lane] : lanes_) pending += lane.schedule.statistics().pending;
  return pending;
}

}  // namespace costdrift::tests
