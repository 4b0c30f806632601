// cost_outlier: the dear tail of cost per call grows, also while the median stands still.
#pragma once

#include "detectors/detector.h"
#include "detectors/stats/lanes.h"

namespace costdrift::detectors {

// What the tail of cost per call is tested against.
stats::LaneFamily cost_tail_family();

extern const DetectorSpec cost_outlier_spec;

}  // namespace costdrift::detectors
