// The life cycle of incidents as pure functions: (incident, finding, settings) -> what happens, and why.
//
// pending -> firing -> resolved. A finding is pending while its effect is too small; with effect but little money it
// fires as a ticket (severity info), with money as a page (warning, critical), unless another page tells of it
// (same_change.h): a ticket becomes a page of the same incident when more is lost. Severity never falls while an
// incident is open. Everything is event time; nothing here reads a clock or writes anything.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "daemon/incidents/incident.h"

namespace costdrift::daemon {

// What the gates of practical significance make of a finding.
enum class Gate : std::uint8_t {
  immaterial,  // the effect may be below pages.min_effect
  ticket,      // effect, but below pages.min_usd_per_hour or the series' own money gate (or dollars unknown)
  page,
  urgent_page,  // at or above pages.critical_usd_per_hour, money gate or not
};

Gate weigh(const core::Finding& finding, const config::PageSettings& pages);
// What it loses at least, for pages.critical_usd_per_hour: a series that often shows new shapes by the lower bound of
// the effect.
double certain_usd_per_hour(const core::Finding& finding);
core::Severity severity_of(Gate gate);

// Whether a finding tells of the same change as an open incident of its series: the same detector, or change times
// whose intervals are no further apart than pages.group_within. A cause found while the incident is led by a symptom is
// what the symptom was of: causes need more calls to be seen than a heavier tail does.
// A finding that is told alone (a crossing of a budget) only ever joins its own incident, and is no echo.
bool same_cause(const Incident& incident, const core::Finding& finding, const config::PageSettings& pages);

// Whether a finding is the echo of a resolved incident of its series: more than half of the time since its onset lies
// inside that incident, which may have begun pages.group_within earlier than was told. Of one that a person ended,
// however long it goes on after that: whether it tells of the same change and began before.
bool echo_of(const Incident& resolved, const core::Finding& finding, const config::PageSettings& pages);

// The reason of the first version of an incident that a page tells of already.
inline constexpr std::string_view kToldByPage = "a page tells of it already: a ticket";

// Puts the finding into the incident, replacing what the same detector said before.
void record(Incident& incident, const core::Finding& finding);

// Why the newest version is worth another message; nullopt: it is not.
std::optional<std::string> worth_telling(const Incident& incident, const core::AlertEvent& next);

// Shortly after it was found, the whole interval of every estimated part's effect lies below pages.min_effect: it
// should not have been told.
bool collapsed(const Incident& incident, core::EventTime now, const config::PageSettings& pages);

// All parts have recovered or were learned as normal; `absorbed`: the leading one was learned.
bool recovered(const Incident& incident);
bool absorbed(const Incident& incident);

}  // namespace costdrift::daemon
