// What calls cost beyond what as many calls of the baseline would have: for detectors whose quantity has no price of
// its own.
#pragma once

#include "core/bucket_summary.h"
#include "core/finding.h"

namespace costdrift::detectors {

// 0 when they cost less. `before` holds the calls of a baseline.
core::NanoUsd beyond_usual_cost(const core::Totals& before, const core::Totals& since);

// Whether most of that is input or output.
core::CostPart dearer_part(const core::Totals& before, const core::Totals& since);

}  // namespace costdrift::detectors
