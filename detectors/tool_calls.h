// tool_calls: the model asks for more tool calls, in each response or in each agent run.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec tool_calls_spec;

}  // namespace costdrift::detectors
