// SimulatedSinks: the real schedule and attempts of delivery (daemon/delivery/schedule.h) towards receivers that
// answer, refuse for now, ask for patience, or are down; and what those receivers were told, across restarts of the
// daemon.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "daemon/delivery/schedule.h"
#include "daemon/pipeline.h"
#include "tests/support/random.h"

namespace costdrift::tests {

// What a receiver was told, in order.
struct ReceivedMessage {
  std::string incident_id;
  std::int64_t version = 0;
  core::NotificationAction action = core::NotificationAction::trigger;
  int life = 0;  // which life of the daemon sent it
};

struct SinkFaults {
  double refuse = 0;        // chance that an attempt fails for now
  double ask_to_wait = 0;   // chance that a refusal names a time
  bool pager_down = false;  // the pager answers nothing until the faults stop
};

// The receivers outlive the daemon's lives.
class Receivers {
 public:
  explicit Receivers(Random& random) : random_(random) {}
  sinks::Outcome receive(const std::string& sink, const core::Notification& notification);
  const std::vector<ReceivedMessage>& messages(const std::string& sink) { return messages_[sink]; }
  // The daemon died with the mark of an attempt in its state: it cannot know whether that was sent.
  void attempt_was_noted(const std::string& sink, const std::string& incident_id) { tried_.emplace(sink, incident_id); }
  // Whether somebody tried to tell the sink that the incident began: who gets no answer cannot know that it was not
  // heard.
  bool beginning_was_tried(const std::string& sink, const std::string& incident_id) const {
    return tried_.contains({sink, incident_id});
  }

  SinkFaults faults;
  int life = 0;

 private:
  Random& random_;
  std::map<std::string, std::vector<ReceivedMessage>> messages_;
  std::set<std::pair<std::string, std::string>> tried_;
};

class SimulatedSinks {
 public:
  static constexpr const char* kChat = "chat";
  static constexpr const char* kPager = "pager";

  // `pager_must_open`: as for PagerDuty, which cannot be told the end of what it was never told.
  SimulatedSinks(Receivers& receivers, state::DeliveryTable& deliveries, std::uint64_t seed, bool pager_must_open);
  void want(const std::vector<daemon::Outgoing>& outgoing, core::MonotonicTime now);
  // Every attempt that is due at `now`.
  void deliver_due(core::MonotonicTime now);
  std::int64_t pending() const;

 private:
  class ReceiverSink;
  struct Lane {
    std::unique_ptr<sinks::Sink> sink;
    std::unique_ptr<daemon::DeliveryAttempt> attempt;
    daemon::DeliverySchedule schedule;
  };
  std::map<std::string, Lane> lanes_;
};

}  // namespace costdrift::tests
