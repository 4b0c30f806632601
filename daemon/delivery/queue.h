// DeliveryQueue: what one sink has yet to be told, one entry per incident, in the order in which messages became due.
//
// Operation  put() makes an entry or replaces its message by a newer version, keeping its place and its back-off.
//            take() hands out the message that has been due longest; that one stays pending until finish() or retry().
//            A message that fails becomes due later, behind those due before, so it cannot starve them, nor they it.
// Expiry     a ticket (severity info) that has waited for `ticket_ttl` may be taken as expired. A newer version is a
//            newer message: its time begins when it comes. Pages never expire.
// Threads    a plain value; the worker's lock protects it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/clock.h"
#include "core/notification.h"

namespace costdrift::daemon {

class DeliveryQueue {
 public:
  // 0: nothing expires.
  explicit DeliveryQueue(core::Duration ticket_ttl = {}) : ticket_ttl_(ticket_ttl) {}

  // A version that is not newer than the pending one is ignored.
  void put(core::Notification notification, core::MonotonicTime now);
  // When the next message may be taken; nullopt: none waits.
  std::optional<core::MonotonicTime> next_due() const;
  // next_due() must have a value.
  core::Notification take();
  // The message of this incident, which waits.
  core::Notification take(const std::string& incident_id);
  // Every message that waits, due or not.
  std::vector<core::Notification> take_all();
  // When the first message that waits expires; nullopt: none does.
  std::optional<core::MonotonicTime> next_expiry() const;
  std::vector<core::Notification> take_expired(core::MonotonicTime now);
  // When the message of this incident may be taken; nullopt: it does not wait.
  std::optional<core::MonotonicTime> due(const std::string& incident_id) const;
  bool contains(const std::string& incident_id) const { return entries_.contains(incident_id); }
  // The message taken is settled. A newer version that came meanwhile becomes due now.
  void finish(const core::Notification& taken, core::MonotonicTime now);
  // The message taken, or the newer version that came meanwhile, becomes due again at `due`.
  void retry(const core::Notification& taken, core::MonotonicTime due);
  // The message taken as expired must be told after all: it is due now and expires no more.
  void keep(const core::Notification& taken, core::MonotonicTime now);
  // How often the incident's message failed so far.
  int failures(const std::string& incident_id) const;
  std::size_t size() const { return entries_.size(); }

 private:
  using Place = std::tuple<core::MonotonicTime, std::uint64_t, std::string>;  // due, order of arrival, incident id
  struct Entry {
    core::Notification notification;
    int failures = 0;
    std::optional<Place> place = std::nullopt;  // nullopt: taken
    std::optional<core::MonotonicTime> expires_at = std::nullopt;
  };
  std::optional<core::MonotonicTime> expiry_of(const core::Notification& notification, core::MonotonicTime now) const;
  void enqueue(const std::string& incident_id, core::MonotonicTime due);

  core::Duration ticket_ttl_;
  std::map<std::string, Entry> entries_;
  std::set<std::pair<core::MonotonicTime, std::string>> expiries_;  // of the entries that are not taken
  std::set<Place> places_;                                          // of the entries that are not taken
  std::uint64_t arrivals_ = 0;
};

}  // namespace costdrift::daemon
