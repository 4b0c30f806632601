// find_drivers: the values of the calls' dimensions (use case, team, prompt version, ...) that make the excess.
//
// Operation  what calls amount to (tokens, retries, uncached tokens or dollars: what the part of the bill consists of)
//            by tuple of values, before the onset and since, given to stats/attribution.h.
// Limits     a summary keeps 64 tuples apart; calls beyond them have no values here, before and since alike.
// Threads    pure functions.
#pragma once

#include "core/bucket_summary.h"
#include "core/closed_bucket.h"
#include "core/finding.h"

namespace costdrift::detectors {

using AttributeMap = std::map<core::AttributeSet, core::AttributeTotals>;

struct DriverQuestion {
  const AttributeMap& before;
  const AttributeMap& after;
  core::CostPart part = core::CostPart::input;
  // As stats::AttributionInput: nullopt when the excess is per call.
  std::optional<double> calls_ratio;
  std::optional<double> dispersion;
};

// At most two, the largest share first; empty: no value explains at least half of it.
std::vector<core::Driver> find_drivers(const DriverQuestion& question);

// The calls of the week before `onset` (from `first_hour` on), by tuple of values.
AttributeMap attributes_before(core::EventTime onset, core::EventTime first_hour, const core::SeriesHistory& history);

}  // namespace costdrift::detectors
