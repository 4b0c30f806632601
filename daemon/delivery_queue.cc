#include "daemon/delivery_queue.h"

namespace costdrift::daemon {

void DeliveryQueue::put(core::Notification notification, core::MonotonicTime now) {
  const std::string incident_id = notification.event.incident_id;
  const auto [entry, is_new] = entries_.try_emplace(incident_id);
  if (is_new) {
    enqueue(incident_id, now);
  } else if (notification.event.version <= entry->second.notification.event.version) {
    return;
  }
  entry->second.notification = std::move(notification);
}

std::optional<core::MonotonicTime> DeliveryQueue::next_due() const {
  if (places_.empty()) return std::nullopt;
  return std::get<core::MonotonicTime>(*places_.begin());
}

core::Notification DeliveryQueue::take() { return take(std::string(std::get<std::string>(*places_.begin()))); }

core::Notification DeliveryQueue::take(const std::string& incident_id) {
  Entry& entry = entries_.at(incident_id);
  places_.erase(*entry.place);
  entry.place.reset();
  return entry.notification;
}

std::vector<core::Notification> DeliveryQueue::take_all() {
  std::vector<core::Notification> taken;
  taken.reserve(places_.size());
  while (!places_.empty()) taken.push_back(take());
  return taken;
}

std::optional<core::MonotonicTime> DeliveryQueue::due(const std::string& incident_id) const {
  const auto entry = entries_.find(incident_id);
  if (entry == entries_.end() || !entry->second.place) return std::nullopt;
  return std::get<core::MonotonicTime>(*entry->second.place);
}

void DeliveryQueue::enqueue(const std::string& incident_id, core::MonotonicTime due) {
  Entry& entry = entries_.at(incident_id);
  entry.place = Place(due, ++arrivals_, incident_id);
  places_.insert(*entry.place);
}

void DeliveryQueue::finish(const core::Notification& taken, core::MonotonicTime now) {
  const auto entry = entries_.find(taken.event.incident_id);
  if (entry->second.notification.event.version <= taken.event.version) {
    entries_.erase(entry);
    return;
  }
  entry->second.failures = 0;
  enqueue(entry->first, now);
}

void DeliveryQueue::retry(const core::Notification& taken, core::MonotonicTime due) {
  const auto entry = entries_.find(taken.event.incident_id);
  ++entry->second.failures;
  enqueue(entry->first, due);
}

int DeliveryQueue::failures(const std::string& incident_id) const {
  const auto entry = entries_.find(incident_id);
  return entry == entries_.end() ? 0 : entry->second.failures;
}

}  // namespace costdrift::daemon
