// The fixed relative-error log sketch: which bin a value falls into, and what a bin stands for.
//
// The bins are the same for every series and metric, so that counts merge by addition and a summary never depends
// on a baseline. Bin 0 holds values below 1; bin b >= 1 holds values around 1.02^(b-1), so a value read back from
// its bin is off by at most 1 %. Values are integers in the metric's unit (tokens, nano-dollars, microseconds).
#pragma once

#include <cstdint>

namespace costdrift::core {

inline constexpr double kBinRatio = 1.02;
inline constexpr int kLogBins = 1792;  // the last bin starts near 2.5e15 and holds everything above

// Negative values fall into bin 0.
int log_bin(std::int64_t value);

// The value that stands for the bin (geometric middle); 0 for bin 0.
double log_bin_value(int bin);

}  // namespace costdrift::core
