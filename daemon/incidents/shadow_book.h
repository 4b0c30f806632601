// ShadowBook: the incidents that would be told if the shadow detectors were on. Findings of all detectors go through
// the gates and the life cycle of a book of its own; nothing of it is sent, journaled or seen by the real one.
//
// Told       an incident is told, held while it is silenced or snoozed, and released as a real one is
//            (daemon/incidents/audience.h), but for the message: its sinks are those that would know of it.
// Operation  without shadow detectors it holds nothing and costs nothing. When the first one is configured it begins
//            with a copy of the real incidents, so that both differ only by what shadow detectors find from then on.
// Threads    the stream thread.
#pragma once

#include "daemon/answers/silences.h"
#include "daemon/incidents/incident_book.h"

namespace costdrift::daemon {

class ShadowBook {
 public:
  // All but `on` outlive the book. `on`: there are shadow detectors.
  ShadowBook(const config::Settings& settings, state::Store& store, const DeclaredChanges& changes,
             const Silences& silences, bool on)
      : on_(on),
        settings_(settings),
        changes_(changes),
        silences_(silences),
        book_(settings, store, &changes, state::KeySpace::shadow_incidents) {}

  core::Result<void> load(const IncidentBook& real, core::EventTime closed_until);
  // True: it was announced (DeclaredChanges::expecting), so its judge should learn the present.
  [[nodiscard]] bool take(const core::Finding& finding);
  void advance_to(core::EventTime now, const IncidentBook::LastSeen& last_seen);
  // Tells what is held, is no longer silenced or snoozed at `now`, and still goes on.
  void release(core::EventTime now);
  // What a person says about an incident that both books have open.
  void act(const Action& action);

  // After a change was declared or withdrawn.
  void review_causes(core::EventTime now);

  // nullptr: there are no shadow detectors.
  const IncidentBook* book() const { return on_ ? &book_ : nullptr; }

 private:
  void tell(const std::vector<core::AlertEvent>& events);

  bool on_;
  const config::Settings& settings_;
  const DeclaredChanges& changes_;
  const Silences& silences_;
  IncidentBook book_;
};

}  // namespace costdrift::daemon
