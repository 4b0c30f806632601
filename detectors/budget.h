// budget: dollars and tokens against limits that a person sets.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec budget_spec;

}  // namespace costdrift::detectors
