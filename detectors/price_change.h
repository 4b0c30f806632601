// price_change: what a call is billed no longer follows the price list as it used to: the vendor changed a price,
// another version of the model serves the same name, a discount ended, calls are recorded as free.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec price_change_spec;

}  // namespace costdrift::detectors
