// The names of all detectors, for those who need nothing else of them.
#pragma once

#include <string_view>

namespace costdrift::detectors {

// Whether detectors.def has a detector of this name.
bool is_detector(std::string_view name);

}  // namespace costdrift::detectors
