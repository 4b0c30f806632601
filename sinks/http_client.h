// HttpClient: one outgoing HTTP request, as narrow as the sinks need it, so that tests can script the world.
//
// Errors  a transport failure is a value (HttpReply::transport_error), never an exception. No text contains the
//         path or query of the URL: they are secrets (Slack, PagerDuty).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace costdrift::sinks {

struct HttpRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // POST
};

struct HttpReply {
  int status = 0;  // 0: no answer, see transport_error
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;                            // at most 64 KiB
  std::string transport_error;
};

// Threads  one instance per sink worker; not shared.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual HttpReply post(const HttpRequest& request) = 0;
};

struct HttpClientOptions {
  core::Duration connect_timeout = core::seconds(3);
  core::Duration total_timeout = core::seconds(10);
  bool allow_http_to_loopback = true;  // plain http:// is refused for every other host
  bool allow_http = false;
};

// libcurl: TLS verified, at least TLS 1.2, redirects not followed, proxy environment ignored, keep-alive.
std::unique_ptr<HttpClient> make_curl_client(HttpClientOptions options);

// https, or http to a loopback host; `what` names the setting in the message, which never shows more of the URL than
// scheme and host.
core::Result<void> check_url(const std::string& url, const std::string& what);

}  // namespace costdrift::sinks
