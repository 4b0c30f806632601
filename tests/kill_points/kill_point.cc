// What stands behind COSTDRIFT_KILL_POINT in the program that is killed:
//
//   COSTDRIFT_KILL_AT=name:n         SIGKILL when the point is passed for the n-th time
//   COSTDRIFT_KILL_PASSED=FILE       the names of the points passed, a line each time (appended)
#include "core/kill_point.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace costdrift::core {
namespace {

struct Plan {
  std::string name;
  std::int64_t pass = 0;
};

Plan plan_of(const char* text) {
  if (text == nullptr) return {};
  const std::string words(text);
  const auto colon = words.find(':');
  return {words.substr(0, colon), std::atoll(words.c_str() + colon + 1)};
}

void note(const char* file, const char* name) {
  static const int descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string line = std::string(name) + "\n";
  if (write(descriptor, line.data(), line.size()) < 0) std::abort();
}

}  // namespace

void kill_point(const char* name) {
  static const Plan plan = plan_of(std::getenv("COSTDRIFT_KILL_AT"));
  static const char* const passed = std::getenv("COSTDRIFT_KILL_PASSED");
  static std::atomic<std::int64_t> passes{0};
  if (passed != nullptr) note(passed, name);
  if (plan.name == name && ++passes == plan.pass) kill(getpid(), SIGKILL);
}

}  // namespace costdrift::core
