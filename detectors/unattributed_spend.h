// unattributed_spend: dollars of apps and API keys that nobody has seen before and that name no owner.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec unattributed_spend_spec;

}  // namespace costdrift::detectors
