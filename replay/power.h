// Power: what a configuration would catch of drifts that were put into the history, when, and at what cost.
//
// A drift is caught by the first page that means it: detected between its beginning and an hour after its end, of its
// application (or driven by it for the greater part), and not told without the drift too. Dollars are those that the
// drift itself added, exactly.
// Threads  pure functions.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "replay/injection.h"
#include "replay/label.h"
#include "replay/miss_watch.h"
#include "replay/told_incident.h"
#include "replay/tune_plan.h"

namespace costdrift::replay {

struct Trial {
  Injection injection;
  std::optional<core::Duration> delay;  // until the page; none: missed
  bool ticket = false;                  // missed, but there was a ticket
  double usd_burned = 0;                // until the page, or in all
  double usd_added = 0;                 // in all
  std::int64_t calls_changed = 0;
  std::string missed_because;  // empty: caught, or not asked (explain_misses)
  // Whether it says anything: calls were changed, and they did not become cheaper, as by a model that only seemed dear.
  bool counts() const { return calls_changed > 0 && usd_added >= 0; }
};

// What a MissWatch follows to say why one of the injections was missed: label i means injection i.
std::vector<IncidentLabel> labels_of(const std::vector<Injection>& injections);

// The trials of one replay. `usual`: ids of the incidents that the history has without any drift.
[[nodiscard]] std::vector<Trial> trials_of(const Injector& injector, const std::vector<ToldIncident>& incidents,
                                           const std::set<std::string>& usual);

// Says of each trial that was missed why; `watch` followed the same replay by labels_of() its injections.
void explain_misses(std::vector<Trial>& trials, const std::vector<IncidentLabel>& labels,
                    const std::vector<ToldIncident>& incidents, const std::set<std::string>& usual,
                    const MissWatch& watch, const config::Settings& settings);

struct PowerRow {
  std::string app;  // empty: all
  PlannedDrift drift;
  int trials = 0, caught = 0, tickets = 0;
  std::optional<core::Duration> median_delay;  // of those caught
  double usd_before_page = 0;                  // mean of those caught
  double usd_burned = 0;                       // mean of all: missed ones burn to their end
  double usd_added = 0;                        // mean of all, had nobody been told
  std::string missed_because;                  // of the first that was missed, rather than one told as a ticket
};
// By drift over all applications, then by drift and application; trials that do not count are left out.
std::vector<PowerRow> power_of(const std::vector<Trial>& trials);

}  // namespace costdrift::replay
