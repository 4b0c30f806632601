// cost_outlier: the dear tail of cost per call grows, also while the median stands still.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec cost_outlier_spec;

}  // namespace costdrift::detectors
