// price_ratio: the metric of price_change: reported cost / cost by the price list, in bins of a quarter of a percent.
//
// Bins    bin 0 is "recorded as free"; bin b >= 1 stands for 1.0025^(b - 896), so 896 is the list price; ratios beyond
//         0.11 .. 9.3 fall into the first or the last bin.
#pragma once

#include <cstdint>

#include "core/metric.h"

namespace costdrift::detectors {

inline constexpr std::string_view kPriceRatio = "price_ratio";
inline constexpr std::int16_t kFree = 0;

// Observes calls that succeeded, report a cost and cost at least $0.0001 by the list: of cheaper ones the rounding of
// the reported cost would be seen.
core::MetricSpec price_ratio_metric();

// The ratio that a bin stands for.
double price_ratio(std::int16_t bin);

// Whether two bins are at most half a percent apart. Free is like nothing else.
bool same_price(std::int16_t a, std::int16_t b);

}  // namespace costdrift::detectors
