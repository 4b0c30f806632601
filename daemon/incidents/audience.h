// Audience: who hears of a version of an incident, in the book that is told and in the shadow book alike.
//
// Who hears   of a new version: whom the routes name and whom was told before; of the end: whom was told, whatever the
//             routes or silences say by then. While an incident is silenced or snoozed nobody new hears of it.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "core/alert_event.h"
#include "daemon/answers/silences.h"
#include "daemon/incidents/incident_book.h"

namespace costdrift::daemon {

// Who may hear of a version: whom the routes name, or only the sinks that know of the incident already.
enum class Audience : std::uint8_t { routes, told };

struct Hearers {
  std::vector<std::string> sinks;
  bool held_back = false;  // nobody hears of it before its silence or snooze ends: the book should hold it
};

// Resolved or retracted.
bool is_over(const core::AlertEvent& event);
// At the time of this version.
bool is_snoozed(const core::AlertEvent& event);
// Silenced or snoozed at the time of this version.
bool is_muted(const core::AlertEvent& event, const Silences& silences);

// `event` is a version of an incident of `book`.
Hearers hearers_of(const core::AlertEvent& event, Audience audience, const IncidentBook& book, const Silences& silences,
                   const config::Settings& settings);

}  // namespace costdrift::daemon
