// latency: the slow calls of a series become slower.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec latency_spec;

}  // namespace costdrift::detectors
