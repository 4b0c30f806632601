// output_growth: output tokens per call grow: longer answers, or more reasoning before them.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec output_growth_spec;

}  // namespace costdrift::detectors
