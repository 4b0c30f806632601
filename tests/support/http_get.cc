#include "tests/support/http_get.h"

#include <httplib.h>

namespace costdrift::tests {

std::optional<std::string> http_get(int port, const std::string& path) {
  httplib::Client client("127.0.0.1", port);
  client.set_connection_timeout(2);
  const auto reply = client.Get(path.c_str());
  if (!reply || reply->status != 200) return std::nullopt;
  return reply->body;
}

}  // namespace costdrift::tests
