// loop_depth: agent runs take more steps than they used to; one run never ends.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec loop_depth_spec;

}  // namespace costdrift::detectors
