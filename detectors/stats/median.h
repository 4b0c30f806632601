// The median of a list.
#pragma once

#include <vector>

namespace costdrift::detectors::stats {

// Of a non-empty list; between the two in the middle of an even one.
double median(std::vector<double> values);

}  // namespace costdrift::detectors::stats
