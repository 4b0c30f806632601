// model_mix: an application moves its calls to dearer models.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec model_mix_spec;

}  // namespace costdrift::detectors
