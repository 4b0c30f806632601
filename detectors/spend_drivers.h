// spend_drivers: where a rise of spend lies: in which application of a roll-up, or in which value of the calls'
// dimensions.
#pragma once

#include <vector>

#include "core/closed_bucket.h"
#include "core/finding.h"

namespace costdrift::detectors {

// The calls since the onset against those of the same hours a week before (find_drivers()); the applications of a
// roll-up come first, what the calls of the series name itself only if none of them explains half. Empty: nothing does,
// or there was no traffic a week before.
std::vector<core::Driver> spend_drivers(const core::SeriesHistory& history, core::EventTime onset, core::EventTime now);

}  // namespace costdrift::detectors
