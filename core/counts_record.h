// The stored form of a histogram in a judge's memory.
#pragma once

#include "core/bucket_summary.h"
#include "core/bytes.h"

namespace costdrift::core {

void save_counts(ByteWriter& out, const Counts& counts);
// Failures show in `in`.
Counts restore_counts(ByteReader& in);

}  // namespace costdrift::core
