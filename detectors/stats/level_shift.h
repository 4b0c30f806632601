// level_shift: whether the level of a series of window means has risen for good, when no single window is unheard of.
//
// A change of the mix moves weight between known shapes, so that no evidence against their hull can see it; only the
// level does. Found when the median log-mean of the last six windows (within 72 h) is above the median of up to 50
// earlier ones by more than max(ln 1.25, two of their spreads), 10 % above every earlier median of six, and when at
// most one of the six is low.
// Limits  silent with fewer than 8 windows, or fewer than 5 before the last six.
#pragma once

#include <optional>
#include <vector>

#include "core/time.h"

namespace costdrift::detectors::stats {

struct WindowMean {
  core::EventTime end;
  double mean = 0;  // > 0
};

struct LevelShift {
  double expected = 0, observed = 0;  // means before and since
  core::EventTime since;              // end of the last window before the six
};

// `windows` in time order.
std::optional<LevelShift> level_shift(const std::vector<WindowMean>& windows);

}  // namespace costdrift::detectors::stats
