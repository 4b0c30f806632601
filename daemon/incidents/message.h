// Words: from an incident to its AlertEvent: the summary line, labels, owner, money, what would silence it.
#pragma once

#include <string>
#include <vector>

#include "config/settings.h"
#include "daemon/incidents/incident.h"

namespace costdrift::daemon {

// "support-bot / gpt-4o: input tokens per call 2,592, expected 1,980 (+31 %) since 14:05 UTC; $38 an hour, $27k a month
// at this rate". The first line of every message.
std::string summary_line(const core::AlertEvent& event, const core::Finding& lead);

// The smallest series inside the event's own that holds at least half of its dollars; nullptr: none is known to.
const core::Elsewhere::Other* where_inside(const core::AlertEvent& event);

// The event that describes the incident as it is now; version, status and reason are the caller's. `cause`: a declared
// change near its onset; nullptr: none. `elsewhere`: the open incidents that this one tells of.
core::AlertEvent describe(const Incident& incident, const config::Settings& settings,
                          const core::DeclaredChange* cause = nullptr,
                          const std::vector<const Incident*>& elsewhere = {});

// Puts the newest estimate into the numbers of `event`, a version of the incident that was told: updated_at, what was
// observed and expected, effect, evidence, calls, dollars, also of those elsewhere. Words, drivers and version stay,
// and so does all of it when another part of the incident leads by now.
void refresh_numbers(core::AlertEvent& event, const Incident& incident, const std::vector<const Incident*>& elsewhere);

}  // namespace costdrift::daemon
