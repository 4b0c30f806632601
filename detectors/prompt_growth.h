// prompt_growth: input tokens per call grow (a system prompt, a history, a retrieved context gets longer).
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec prompt_growth_spec;

}  // namespace costdrift::detectors
