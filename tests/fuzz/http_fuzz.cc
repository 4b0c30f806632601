// What a stranger may write into an HTTP request: the Host header, the Authorization header, and the body of an action;
// and the listen address of the configuration.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "daemon/action.h"
#include "daemon/http_access.h"

namespace {

using namespace costdrift;

void require(bool holds) {
  if (!holds) std::abort();
}

const daemon::AccessPolicy& policy() {
  static const daemon::AccessPolicy made({"127.0.0.1", 8321, true}, "https://costdrift.example/x", {"Bearer t0ken"});
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  (void)policy().host_is_ours(text);
  require(policy().token_is_right(text) == (text == "Bearer t0ken"));
  const auto address = daemon::parse_listen_address(text);
  require(address ? address->port >= 0 && address->port <= 65535 : !address.error().message.empty());
  const auto action = daemon::parse_action(text);
  if (!action) return 0;
  // What was understood is written so that it is understood again.
  const auto again = daemon::parse_action(daemon::to_json(daemon::taken_at(*action, {1'740'960'000'000'000})));
  require(static_cast<bool>(again));
  return 0;
}
