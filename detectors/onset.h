// The onset of a drift of shares, dated again by what was seen of it; and of any drift that begins in a pause.
//
// The lanes date a change by alternatives that were chosen before it. Where the harm was never seen, the true change is
// a thousand times further from the baseline than any of them, and to them one stray call an hour before looks like the
// beginning. With the shares that were seen since, the calls in between speak against it.
// Source  maximum-likelihood estimate of a change point (Hinkley 1970), its interval by profile likelihood.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "core/closed_bucket.h"
#include "core/time.h"
#include "detectors/stats/lanes.h"

namespace costdrift::detectors {

struct Onset {
  core::EventTime at, earliest, latest;  // with the 80 % interval
};

// Where to look for the calls that date a change.
struct OnsetSearch {
  const stats::LikelihoodTable& table;
  double inflation = 1;  // of the evidence
  std::string_view metric;
  const core::SeriesHistory& history;
  core::EventTime now;
  core::Duration bucket;
};

// The share of each group of the table among `since`, with 50 calls of the baseline mixed in: the shares of a few calls
// fit their noise so well that others look more like the baseline. Adds up to 1 within each stratum.
std::vector<double> drifted_shares(const stats::LikelihoodTable& table, const core::Counts& since);

// Nats by which `since` speaks for `shares`, as drifted_shares() gives them, and against the baseline of the table.
double log_ratio(const stats::LikelihoodTable& table, const std::vector<double>& shares, const core::Counts& since);

// The onset since which the calls are explained best, of the last 20 h, of which histories know the minutes: by 120
// pieces of the time since by_lanes.earliest, then by finer ones from its own interval on, to the minute or, within ten
// minutes, to the bucket. Nothing when it explains the calls hardly better than by_lanes.at does (by less than 3 nats).
std::optional<Onset> redated(const OnsetSearch& search, const Onset& by_lanes);

// When the first call since `from` was seen, to the step: the latest time since which as many were seen as since `from`,
// at the resolution of the history; `from` when there is none. A change in a pause shows when the pause ends: nothing can
// be said of it before. `seen_since` counts the calls from a time until `now`.
core::EventTime first_seen(const std::function<std::int64_t(core::EventTime)>& seen_since, core::EventTime from,
                           core::EventTime now, core::Duration step);

}  // namespace costdrift::detectors
