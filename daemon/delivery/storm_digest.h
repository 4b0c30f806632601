// What a sink is told during a storm (storm.h): one message about many incidents, in the form of an alert event,
// so that every sink can render it.
//
// Contents  summary: how many, how many of them ended, dollars an hour at stake, the ten largest by dollars; `also`:
//           those ten with their numbers. Its incident id is the same for every storm of a sink, so that a sink that
//           opens incidents has one; its versions go on from storm to storm.
// Limits    names as the producers wrote them, made harmless and cut; at most ten are named.
#pragma once

#include <string>
#include <vector>

#include "core/clock.h"
#include "core/notification.h"

namespace costdrift::daemon {

struct StormState {
  std::string sink;
  std::int64_t version = 1;
  bool goes_on = false;  // a digest of this storm was told before
  bool ends = false;
  core::WallTime at;
};

std::string storm_incident_id(const std::string& sink);
core::Notification storm_digest(const StormState& state, const std::vector<core::Notification>& folded);

}  // namespace costdrift::daemon
