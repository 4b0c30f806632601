// retry_rate: a larger share of attempts are retries.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec retry_rate_spec;

}  // namespace costdrift::detectors
