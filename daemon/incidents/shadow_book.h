// ShadowBook: the incidents that would be told if the shadow detectors were on. Findings of all detectors go through the
// gates and the life cycle of a book of its own; nothing of it is routed, journaled or seen by the real one.
//
// Operation  without shadow detectors it holds nothing and costs nothing. When the first one is configured it begins
//            with a copy of the real incidents, so that both differ only by what shadow detectors find from then on.
// Threads    the stream thread.
#pragma once

#include "daemon/incidents/incident_book.h"

namespace costdrift::daemon {

class ShadowBook {
 public:
  // The settings, the store and the changes outlive the book. `on`: there are shadow detectors.
  ShadowBook(const config::Settings& settings, state::Store& store, const DeclaredChanges& changes, bool on)
      : on_(on), changes_(changes), book_(settings, store, &changes, state::KeySpace::shadow_incidents) {}

  core::Result<void> load(const IncidentBook& real, core::EventTime closed_until);
  // True: it was announced (DeclaredChanges::expecting), so its judge should learn the present.
  [[nodiscard]] bool take(const core::Finding& finding);
  void advance_to(core::EventTime now, const IncidentBook::LastSeen& last_seen);
  // What a person says about an incident that both books have open.
  void act(const Action& action);

  // After a change was declared or withdrawn.
  void review_causes(core::EventTime now);

  // nullptr: there are no shadow detectors.
  const IncidentBook* book() const { return on_ ? &book_ : nullptr; }

 private:
  bool on_;
  const DeclaredChanges& changes_;
  IncidentBook book_;
};

}  // namespace costdrift::daemon
