// http_get: the body of a 200 answer of a loopback server, nullopt for everything else.
#pragma once

#include <optional>
#include <string>

namespace costdrift::tests {

std::optional<std::string> http_get(int port, const std::string& path);

}  // namespace costdrift::tests
