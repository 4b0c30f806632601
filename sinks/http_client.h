// HttpClient: one outgoing HTTP request, as narrow as the sinks need it, so that tests can script the world.
//
// Errors  a transport failure is a value (HttpReply::transport_error), never an exception. No text contains the
//         path or query of the URL: they are secrets (Slack, PagerDuty).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace costdrift::sinks {

struct HttpRequest {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;         // POST
  bool allow_http = false;  // the operator allows plain http:// to any host, not only to loopback
};

struct HttpReply {
  int status = 0;                              // 0: no answer, see transport_error
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;                            // at most 64 KiB
  std::string transport_error;
};

// Threads  one instance per sink worker, not shared; but cancel() is safe from every thread.
class HttpClient {
 public:
  virtual ~HttpClient() = default;
  virtual HttpReply post(const HttpRequest& request) = 0;
  // Ends a running post() soon (about a second) and every later one at once, with a transport error. For shutdown.
  virtual void cancel() {}
};

struct HttpClientOptions {
  core::Duration connect_timeout = core::seconds(3);
  core::Duration total_timeout = core::seconds(10);
  std::string user_agent = "costdrift";  // the program gives "costdrift/<version>"
  std::string ca_file;                   // PEM; empty: the system's certificates
};

// libcurl: TLS verified, at least TLS 1.2, redirects not followed, proxy environment ignored, keep-alive. Link-local
// and cloud-metadata addresses are refused at connect time, and so is every address but loopback for plain http://
// that the request does not allow, whatever the host's name resolves to.
// Limits  a reply body is cut at 64 KiB and the connection closed; the status then still counts.
std::unique_ptr<HttpClient> make_curl_client(HttpClientOptions options);

// The parts of a URL that may be shown, and those that decide whether it may be used.
struct UrlParts {
  std::string scheme;     // lower case
  std::string host;       // lower case, no brackets, no port
  bool loopback = false;  // "localhost" or an address of 127/8 or ::1
};
// nullopt: not an absolute http or https URL, or one with user name and password.
std::optional<UrlParts> split_url(const std::string& url);

// https, or http to a loopback host (to any host when `allow_http`); `what` names the setting in the message, which
// never shows more of the URL than scheme and host.
core::Result<void> check_url(const std::string& url, const std::string& what, bool allow_http = false);

}  // namespace costdrift::sinks
