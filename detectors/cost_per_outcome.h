// cost_per_outcome: a finished task costs more than it used to.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec cost_per_outcome_spec;

}  // namespace costdrift::detectors
