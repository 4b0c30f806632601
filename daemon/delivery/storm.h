// Storm: whether one sink would have to be told of too many incidents one by one, so that it gets digests instead.
//
// Rule     more than `limit` different incidents waiting for a sink or told to it within a minute begin a storm. From
//          then on everything that waits is folded into one digest a minute, until five minutes have passed without
//          more than `limit` waiting again; then one last message says that it is over.
// Limits   so a sink gets at most `limit` messages about single incidents in a minute, and one a minute during a storm.
// Threads  a plain value; the worker's lock protects it.
// Source   the group interval of Prometheus Alertmanager, with a limit that starts it.
#pragma once

#include <map>
#include <string>

#include "core/clock.h"
#include "daemon/delivery/queue.h"

namespace costdrift::daemon {

class Storm {
 public:
  // 0: never.
  explicit Storm(int limit) : limit_(limit) {}

  bool active() const { return active_; }
  // When the next digest may go, and when the storm is over unless it gets busy again.
  core::MonotonicTime next_digest() const { return next_digest_; }
  core::MonotonicTime ends_at() const { return ends_at_; }

  // A message came into the queue.
  void on_wanted(const DeliveryQueue& queue, core::MonotonicTime now);
  // A message about a single incident was told.
  void on_told(const std::string& incident_id, core::MonotonicTime now);
  void on_digest_told(core::MonotonicTime now);
  // The end of the storm was told.
  void end() { active_ = false; }
  // The sink was left in a storm by an earlier run.
  void resume(core::MonotonicTime now);

 private:
  std::size_t to_tell(const DeliveryQueue& queue, core::MonotonicTime now);

  const int limit_;
  bool active_ = false;
  core::MonotonicTime next_digest_, ends_at_;
  std::map<std::string, core::MonotonicTime> told_;  // within the last minute, one by one
};

}  // namespace costdrift::daemon
