// Which findings of different series tell of one change, so that one page tells of all of them.
//
// Two ways   A roll-up was paged, and the finding lies inside it: the same dollars. Or another series was paged, and
//            this one drifts alike, in the same quantity since the same time: other dollars, but one cause (a deploy on
//            all models of an application, a provider that makes everybody repeat attempts).
// Chance     Two applications that drift in the same quantity at the same time by chance share a page too; it names
//            both, and the one that goes on is paged when the other has ended (goes_on_alone()).
#pragma once

#include "config/settings.h"
#include "daemon/incidents/incident.h"

namespace costdrift::daemon {

// The same detector and aspect; of findings of one series, two estimates of one judge.
bool same_source(const core::Finding& a, const core::Finding& b);

// Change times whose intervals are no further apart than pages.group_within.
bool began_together(const core::Finding& a, const core::Finding& b, const config::PageSettings& pages);

// Whether the calls of a finding's series are among those of a roll-up (not itself one of them).
bool lies_within(const core::Finding& finding, const core::SeriesKey& roll_up);

// Whether a part of a roll-up's incident tells of the dollars of a symptom inside it: the same detector, began
// together, at most a quarter more dollars, and the incident did not end before the onset.
bool told_by_wider(const Incident& page, const core::Finding& finding, const config::PageSettings& pages);

// Whether a part of an incident of a series of the same kind tells of the same change: the same detector and aspect,
// began together, and the incident did not end before the onset. Of another application the time has to speak for one
// cause: both intervals lie within twice pages.group_within, or `apps_alike` says that three others share it.
bool told_alike(const Incident& page, bool apps_alike, const core::Finding& finding, const config::PageSettings& pages);

// Whether a page (not a ticket, not retracted) tells of the newest finding of another incident: of itself, or of a part
// that it began together with. Hard limits and budgets are told one by one, and a single run with nothing else.
bool tells_of(const Incident& page, bool apps_alike, const Incident& asking, const core::Finding& newest,
              const config::PageSettings& pages);

// Whether a page still tells of what is new `now`: it goes on, or ended less than an hour ago.
bool still_speaks(const Incident& page, core::EventTime now);

// Whether what a part tells of goes on though the page that told of it has ended, and is not just late to recover, as
// a series with few calls is: for an hour it has lost at least half as much as its rate says. The first call after the
// end of the page remembers in the part what was lost by then. Dollars unknown: an hour of findings.
bool goes_on_alone(Part& part);

}  // namespace costdrift::daemon
