#include "detectors/detector.h"

namespace costdrift::detectors {

#define COSTDRIFT_DETECTOR(name) extern const DetectorSpec name##_spec;
#include "detectors/detectors.def"
#undef COSTDRIFT_DETECTOR

std::span<const RegisteredDetector> all_detectors() {
  static const RegisteredDetector all[] = {
#define COSTDRIFT_DETECTOR(name) {#name, &name##_spec},
#include "detectors/detectors.def"
#undef COSTDRIFT_DETECTOR
  };
  return all;
}

const DetectorSpec* find_detector(std::string_view name) {
  for (const auto& detector : all_detectors()) {
    if (detector.name == name) return detector.spec;
  }
  return nullptr;
}

}  // namespace costdrift::detectors
