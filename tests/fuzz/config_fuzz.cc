// Any bytes as a configuration file: either settings, or problems of one line each.
#include <cstdint>
#include <cstdlib>

#include "config/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string yaml(reinterpret_cast<const char*>(data), size);
  const auto settings = costdrift::config::parse_settings(yaml, "fuzz.yaml", {});
  if (!settings && settings.error().message.empty()) std::abort();
  if (settings) (void)costdrift::config::print_effective(*settings, {});
  return 0;
}
