#include "tests/support/places.h"

namespace costdrift::tests {

std::string source_path(const std::string& path) {
  return path.empty() ? COSTDRIFT_SOURCE_DIR : COSTDRIFT_SOURCE_DIR "/" + path;
}

std::string costdrift_program() { return COSTDRIFT_BUILD_DIR "/costdrift"; }

std::string costdrift_with_kill_points() { return COSTDRIFT_BUILD_DIR "/tests/costdrift_with_kill_points"; }

std::string sandbox_program() { return COSTDRIFT_BUILD_DIR "/tests/sandbox"; }

}  // namespace costdrift::tests
