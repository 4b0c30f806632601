// Which findings of different series tell of one change, so that one page tells of all of them. Pure functions.
//
// Two ways   A roll-up was paged, and the finding lies inside it: the same dollars. Or another series was paged, and this
//            one drifts alike, in the same quantity since the same time: other dollars, but one cause (a deploy on all
//            models of an application, a provider that makes everybody repeat attempts).
// Chance     Two applications that drift in the same quantity within the same half hour by chance share a page too; it
//            names both, and the one that goes on is paged when the other has ended (goes_on_alone()).
#pragma once

#include "config/settings.h"
#include "daemon/incidents/incident.h"

namespace costdrift::daemon {

// Change times whose intervals are no further apart than pages.group_within.
bool began_together(const core::Finding& a, const core::Finding& b, const config::PageSettings& pages);

// Whether the calls of a finding's series are among those of a roll-up (not itself one of them).
bool lies_within(const core::Finding& finding, const core::SeriesKey& roll_up);

// Whether an incident of a roll-up tells of the dollars of a symptom inside it: the same detector, began together, at
// most a quarter more dollars, and the incident did not end before the onset.
bool told_by_wider(const Incident& incident, const core::Finding& finding, const config::PageSettings& pages);

// Whether an incident of a series of the same kind, which tells of `others` already, tells of the same change: it goes on
// `now`, or ended less than an hour ago; one of its parts is by the same detector and began together with the finding.
// Of another application the time has to speak for one cause: both intervals lie within twice pages.group_within, or
// three others share it. Hard limits, single runs and budgets are told one by one.
bool told_alike(const Incident& incident, std::size_t others, const core::Finding& finding, core::EventTime now,
                const config::PageSettings& pages);

// Whether the page of an incident tells of one of the parts of another that go on.
bool tells_of(const Incident& page, std::size_t others, const Incident& asking, core::EventTime now,
              const config::PageSettings& pages);

// Whether the incident goes on though the page that told of it has ended, and is not just late to recover, as a series
// with few calls is: for an hour it has lost at least half as much as its rate says. The first call after the end of the
// page remembers in the incident what was lost by then. Dollars unknown: an hour of findings.
bool goes_on_alone(Incident& incident, const core::Finding& finding);

}  // namespace costdrift::daemon
