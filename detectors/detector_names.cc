#include "detectors/detector_names.h"

#include <algorithm>
#include <array>

namespace costdrift::detectors {

bool is_detector(std::string_view name) {
  constexpr std::array kNames = std::to_array<std::string_view>({
#define COSTDRIFT_DETECTOR(name) #name,
#include "detectors/detectors.def"
#undef COSTDRIFT_DETECTOR
  });
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace costdrift::detectors
