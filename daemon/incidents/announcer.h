// Announcer: puts what the incident book decides on record and before its audience: the journal, the caller, and the
// outbox of every sink that may hear of it (daemon/incidents/audience.h).
//
// Threads  the stream thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/notification.h"
#include "daemon/answers/silences.h"
#include "daemon/incidents/audience.h"
#include "daemon/incidents/incident_book.h"
#include "daemon/pipeline_listener.h"
#include "state/store.h"
#include "state/tables.h"

namespace costdrift::daemon {

// One message for one sink, to be sent once the commit that decided it is durable.
struct Outgoing {
  std::string sink;
  core::Notification notification;
};

class Announcer {
 public:
  // Called for every alert event in the order in which they are decided.
  using OnAlert = std::function<void(const core::AlertEvent&)>;

  // All but `on_alert` outlive the announcer.
  Announcer(const config::Settings& settings, state::Store& store, IncidentBook& incidents, const Silences& silences,
            OnAlert on_alert);

  // Who is told of versions that nobody hears of. Outlives the announcer.
  void listen(PipelineListener& listener) { listener_ = &listener; }

  void publish(const std::vector<core::AlertEvent>& events, Audience audience);

  bool has_outgoing() const { return !outgoing_.empty(); }
  // What was published since the last call, to be sent after the commit.
  std::vector<Outgoing> take_outgoing();
  // What earlier runs decided and did not deliver.
  std::vector<Outgoing> undelivered() const;

 private:
  void hold_back(const core::AlertEvent& event);
  void send(const core::AlertEvent& event, const std::string& sink);

  const config::Settings& settings_;
  IncidentBook& incidents_;
  const Silences& silences_;
  const OnAlert on_alert_;
  PipelineListener* listener_ = nullptr;
  state::Outbox outbox_;
  state::Journal journal_;
  std::vector<Outgoing> outgoing_;
};

}  // namespace costdrift::daemon
