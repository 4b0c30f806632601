#include "daemon/answers/daemon_client.h"

#include <httplib.h>

#include <cstdlib>

#include "config/settings.h"
#include "core/text.h"
#include "daemon/catalogue.h"
#include "daemon/http/access.h"
#include "daemon/http/routes.h"

namespace costdrift::daemon {
namespace {

constexpr const char* kUsualUrl = "http://127.0.0.1:8321";
constexpr std::time_t kPatienceSeconds = 15;

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// A daemon that listens everywhere is asked on this machine.
std::string url_of(const ListenAddress& listen) {
  const bool everywhere = listen.host == "0.0.0.0" || listen.host == "::";
  return "http://" + host_and_port(everywhere ? "127.0.0.1" : listen.host, listen.port);
}

core::Result<std::string> answer_of(const httplib::Result& result, const std::string& url) {
  if (!result) {
    return core::fail(core::ErrorCode::unavailable, "asking the daemon at " + url + ": " +
                                                        httplib::to_string(result.error()) +
                                                        "; is it running? Say where with --url or --config");
  }
  if (result->status == 200) return result->body;
  const std::string why = core::escape_for_log(result->body.substr(0, result->body.find('\n')), 512);
  switch (result->status) {
    case 400:
    case 404:
      return core::fail(core::ErrorCode::usage, why);
    case 401:
    case 403:
    case 421:
      return core::fail(core::ErrorCode::config, "the daemon at " + url + " refuses: " + why);
    case 503:
      return core::fail(core::ErrorCode::try_again, why);
    default:
      return core::fail(core::ErrorCode::unavailable,
                        url + " answers with HTTP status " + std::to_string(result->status) + ": " + why);
  }
}

httplib::Client client_of(const std::string& url) {
  httplib::Client client(url);
  client.set_connection_timeout(kPatienceSeconds);
  client.set_read_timeout(kPatienceSeconds);
  return client;
}

httplib::Headers headers_of(const std::string& token) {
  httplib::Headers headers{{kActionHeader, "1"}};
  if (!token.empty()) headers.emplace("Authorization", "Bearer " + token);
  return headers;
}

}  // namespace

core::Result<DaemonClient> DaemonClient::make(const DaemonAddress& address) {
  std::string url = address.url, token_file = address.token_file;
  if (!address.config.empty()) {
    const auto settings = config::load_settings(address.config, catalogue());
    if (!settings) return settings.error();
    const auto listen = parse_listen_address(settings->http.listen);
    if (!listen) return listen.error();
    if (url.empty()) url = url_of(*listen);
    if (token_file.empty()) token_file = settings->http.token_file;
  }
  if (url.empty()) url = from_environment("COSTDRIFT_URL");
  if (url.empty()) url = kUsualUrl;
  if (!url.starts_with("http://")) {
    return core::fail(core::ErrorCode::usage, "the daemon's address \"" + core::escape_for_log(url) +
                                                  "\" does not begin with http://; give the one it listens on");
  }
  while (url.ends_with('/')) url.pop_back();
  if (token_file.empty()) token_file = from_environment("COSTDRIFT_TOKEN_FILE");
  if (token_file.empty()) return DaemonClient(url, "");
  auto token = config::read_secret(token_file);
  if (!token) return token.error();
  return DaemonClient(url, *std::move(token));
}

core::Result<std::string> DaemonClient::get(const std::string& path) const {
  return answer_of(client_of(url_).Get(path, headers_of(token_)), url_);
}

core::Result<std::string> DaemonClient::post_action(const std::string& json) const {
  return answer_of(client_of(url_).Post(std::string(kActionsPath), headers_of(token_), json, "application/json"), url_);
}

}  // namespace costdrift::daemon
