// The fixed relative-error log sketch: which bin a value falls into, and what a bin stands for.
//
// The bins are the same for every series and metric, so that counts merge by addition and a summary never depends
// on a baseline. Values are integers in the metric's unit (tokens, nano-dollars, microseconds).
//
// Bins    bin 0 holds values below 1; bin b >= 1 holds 1.02^(b - 1.5) <= value < 1.02^(b - 0.5); the last bin holds
//         everything above as well. The edges are the same doubles on every machine and in every version (counts are
//         stored under them). Below 50 a bin holds at most one integer, and some bins hold none.
// Errors  none: every integer has a bin and every bin has a value.
// Threads pure functions; log_bin is made for the hot path (two table reads, one comparison).
#pragma once

#include <cstdint>

namespace costdrift::core {

inline constexpr double kBinRatio = 1.02;
inline constexpr int kLogBins = 1792;  // the last bin starts near 2.5e15

// Rises with the value. Negative values fall into bin 0.
int log_bin(std::int64_t value);

// The value that stands for the bin: the geometric middle of the integers in it, so at most 1 % off each of them
// and exact where the bin holds one; 1.02^(bin - 1) when it holds none, and for the last bin. 0 for bin 0. Rises
// strictly with the bin. Bins outside 0 .. kLogBins - 1 count as the nearest one.
double log_bin_value(int bin);

}  // namespace costdrift::core
