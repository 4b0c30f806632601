#include "daemon/delivery/queue.h"

#include "daemon/delivery/pace.h"

namespace costdrift::daemon {

std::optional<core::MonotonicTime> DeliveryQueue::expiry_of(const core::Notification& notification,
                                                            core::MonotonicTime now) const {
  if (ticket_ttl_.us <= 0 || notification.event.severity != core::Severity::info) return std::nullopt;
  return after(now, ticket_ttl_);
}

void DeliveryQueue::put(core::Notification notification, core::MonotonicTime now) {
  const std::string incident_id = notification.event.incident_id;
  const auto [found, is_new] = entries_.try_emplace(incident_id);
  Entry& entry = found->second;
  if (!is_new && notification.event.version <= entry.notification.event.version) return;
  if (entry.place && entry.expires_at) expiries_.erase({*entry.expires_at, incident_id});
  entry.expires_at = expiry_of(notification, now);
  entry.notification = std::move(notification);
  if (is_new) return enqueue(incident_id, now);
  if (entry.place && entry.expires_at) expiries_.insert({*entry.expires_at, incident_id});
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
  if (entry.expires_at) expiries_.erase({*entry.expires_at, incident_id});
  return entry.notification;
}

std::vector<core::Notification> DeliveryQueue::take_all() {
  std::vector<core::Notification> taken;
  taken.reserve(places_.size());
  while (!places_.empty()) taken.push_back(take());
  return taken;
}

std::optional<core::MonotonicTime> DeliveryQueue::next_expiry() const {
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

std::vector<core::Notification> DeliveryQueue::take_expired(core::MonotonicTime now) {
  std::vector<core::Notification> taken;
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    taken.push_back(take(std::string(expiries_.begin()->second)));
  }
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
  if (entry.expires_at) expiries_.insert({*entry.expires_at, incident_id});
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

void DeliveryQueue::keep(const core::Notification& taken, core::MonotonicTime now) {
  Entry& entry = entries_.at(taken.event.incident_id);
  if (entry.notification.event.version <= taken.event.version) entry.expires_at.reset();
  enqueue(taken.event.incident_id, now);
}

int DeliveryQueue::failures(const std::string& incident_id) const {
  const auto entry = entries_.find(incident_id);
  return entry == entries_.end() ? 0 : entry->second.failures;
}

}  // namespace costdrift::daemon
