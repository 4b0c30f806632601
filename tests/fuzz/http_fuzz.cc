// What a stranger may write: a request to the HTTP server, an action, and the listen address of the configuration.
//
// Input  lines: method, path, Host, Authorization, Content-Type, Origin, query (name=value&name=value), and the rest is
//        the body. The body alone is read as an action, too, and the Host as a listen address.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "core/text.h"
#include "daemon/http/routes.h"
#include "tests/fuzz/require.h"
#include "tests/support/fake_clock.h"
#include "tests/support/sample_snapshot.h"

namespace {

using namespace costdrift;
using tests::require;

constexpr const char* kToken = "Bearer t0ken";

std::string take(std::string_view& rest, char end) {
  const std::string part(rest.substr(0, rest.find(end)));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return part;
}

daemon::HttpRequest request_of(std::string_view rest) {
  daemon::HttpRequest request;
  request.method = take(rest, '\n');
  request.path = take(rest, '\n');
  request.host = take(rest, '\n');
  request.authorization = take(rest, '\n');
  request.content_type = take(rest, '\n');
  request.origin = take(rest, '\n');
  request.action_header = !request.content_type.empty();
  const std::string query = take(rest, '\n');
  for (std::string_view left = query; !left.empty();) {
    std::string name = take(left, '=');
    request.query.emplace_back(std::move(name), take(left, '&'));
  }
  request.body = rest;
  return request;
}

// A server with a token; nobody takes actions from its desk.
struct Server {
  Server() {
    board.publish(std::make_shared<daemon::ApiSnapshot>(tests::quiet_snapshot()));
    desk.close();
  }
  tests::FakeClock clock;
  daemon::Heartbeat heartbeat{clock};
  daemon::SnapshotBoard board;
  daemon::ActionDesk desk;
  daemon::AccessPolicy policy{{"127.0.0.1", 8321, true}, "https://costdrift.example/x", {kToken}};
  daemon::HttpRoutes routes{policy, board, heartbeat, &desk};
};

bool is_open(const std::string& path) {
  return path == "/metrics" || path == "/healthz" || path == "/livez" || path == "/-/healthy" || path == "/readyz" ||
         path == "/-/ready";
}

void check_request(const Server& server, const daemon::HttpRequest& request) {
  require(server.policy.token_is_right(request.authorization) == (request.authorization == kToken), "one token");
  const bool ours = server.policy.host_is_ours(*request.host);
  if (ours) require(core::escape_for_log(*request.host, 1024) == *request.host, "our names are plain text");
  const auto answer = server.routes.answer(request);
  require(answer.status >= 200 && answer.status < 600 && !answer.content_type.empty(), "an answer");
  if (answer.status == 200) {
    require(ours, "nothing for a foreign Host");
    require(is_open(request.path) || request.authorization == kToken, "nothing without the token");
    require(request.method == "GET" || request.method == "HEAD", "the desk is closed");
    require(!answer.content_type.starts_with("application/json") || nlohmann::json::accept(answer.body), "JSON");
    return;
  }
  require(core::is_valid_utf8(answer.body) && answer.body.ends_with('\n') && answer.body.size() < 2048, "a sentence");
}

void check_action(std::string_view text) {
  const auto action = daemon::parse_action(text);
  if (!action) {
    require(core::escape_for_log(action.error().message, 4096) == action.error().message, "an error is one line");
    return;
  }
  // As it is kept: what was understood is written so that it is understood again.
  const auto taken = daemon::taken_at(*action, {1'740'960'000'000'000});
  const auto again = daemon::parse_action(daemon::to_json(taken));
  if (!again) std::fprintf(stderr, "%s: %s\n", daemon::to_json(taken).c_str(), again.error().message.c_str());
  require(static_cast<bool>(again), "an action that was taken is read again");
  require(*again == taken, "and is the same");
}

void check_address(const std::string& text) {
  const auto address = daemon::parse_listen_address(text);
  if (!address) {
    require(core::escape_for_log(address.error().message, 4096) == address.error().message, "an error is one line");
    return;
  }
  require(address->port >= 0 && address->port <= 65535 && !address->host.empty(), "a host and a port");
  const auto again = daemon::parse_listen_address(daemon::host_and_port(address->host, address->port));
  require(again && again->host == address->host && again->port == address->port, "it is written as it is read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Server server;
  const auto request = request_of({reinterpret_cast<const char*>(data), size});
  check_request(server, request);
  check_action(request.body);
  check_address(*request.host);
  return 0;
}
