// cache_hit_rate: a smaller share of input tokens is read from the provider's prompt cache.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec cache_hit_rate_spec;

}  // namespace costdrift::detectors
