// The stored form of a Finding (state/FORMAT.md "finding").
#pragma once

#include "core/bytes.h"
#include "core/finding.h"

namespace costdrift::core {

void save_finding(ByteWriter& out, const Finding& finding);
// Failures show in `in`.
Finding restore_finding(ByteReader& in);

}  // namespace costdrift::core
