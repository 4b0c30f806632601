// context_growth: retrieval puts more tokens into the prompts than it used to.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec context_growth_spec;

}  // namespace costdrift::detectors
