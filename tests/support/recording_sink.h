// RecordingSink: a sink that notes what it is told and when, and answers from a script.
//
// Threads  deliver() by the worker; everything else from the test's thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/clock.h"
#include "sinks/sink.h"

namespace costdrift::tests {

// What a RecordingSink saw. Outlives the sink, which Delivery owns.
class SinkRecord {
 public:
  struct Told {
    std::string id;
    core::NotificationAction action;
    core::MonotonicTime at;
  };

  // Outcomes of the attempts for one incident, in order; then, and for all others, delivered.
  void script(const std::string& incident_id, std::deque<sinks::Outcome> outcomes) {
    const std::scoped_lock lock(mutex_);
    scripts_[incident_id] = std::move(outcomes);
  }
  // While held, deliver() does not return.
  void hold(bool held) {
    const std::scoped_lock lock(mutex_);
    held_ = held;
    changed_.notify_all();
  }
  std::vector<Told> told() const {
    const std::scoped_lock lock(mutex_);
    return told_;
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const Told& one : told()) ids.push_back(one.id);
    return ids;
  }
  // Until deliver() was entered this often; false after ten seconds of real time.
  [[nodiscard]] bool await(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return told_.size() >= count; });
  }

  sinks::Outcome note(const core::Notification& notification, core::MonotonicTime now) {
    std::unique_lock lock(mutex_);
    told_.push_back({notification.id(), notification.action, now});
    changed_.notify_all();
    changed_.wait(lock, [&] { return !held_; });
    auto& script = scripts_[notification.event.incident_id];
    if (script.empty()) return sinks::Delivered{};
    sinks::Outcome outcome = script.front();
    script.pop_front();
    return outcome;
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Told> told_;
  std::map<std::string, std::deque<sinks::Outcome>> scripts_;
  bool held_ = false;
};

class RecordingSink final : public sinks::Sink {
 public:
  RecordingSink(SinkRecord& record, const core::Clock& clock) : record_(record), clock_(clock) {}
  sinks::Outcome deliver(const core::Notification& notification) override {
    return record_.note(notification, clock_.monotonic_now());
  }

 private:
  SinkRecord& record_;
  const core::Clock& clock_;
};

}  // namespace costdrift::tests
