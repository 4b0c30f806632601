// The tail of a histogram: the value that single calls exceed with a given small chance, far beyond what was seen.
//
// Hill's estimator of the tail index over the largest hundredth, at its upper 95 % bound, so that the limit errs on the
// quiet side: z = x_(k) (k / (n q))^(xi (1 + 1.645 / sqrt k)), k = n / 100. Sources  Hill 1975; Weissman 1978.
#pragma once

#include "core/bucket_summary.h"

namespace costdrift::detectors::stats {

inline constexpr double kMinTailCalls = 1000;

// Of log bins. 0 when there are fewer than kMinTailCalls calls. `chance` in (0, 0.01].
double tail_limit(const core::Counts& counts, double chance);

}  // namespace costdrift::detectors::stats
