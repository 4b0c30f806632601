// HttpRoutes: request -> answer, without sockets.
//
// GET and HEAD only. /healthz (/livez, /-/healthy), /readyz (/-/ready) and /metrics are open; /, its files and /api/v1
// need the token where one is set. Answers are built from the newest published snapshot.
// Threads  answer() is safe from every thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/api_snapshot.h"
#include "daemon/heartbeat.h"
#include "daemon/http_access.h"

namespace costdrift::daemon {

struct HttpRequest {
  std::string method;
  std::string path;  // without query, percent-decoded
  std::vector<std::pair<std::string, std::string>> query;
  std::optional<std::string> host;  // nullopt: none or several
  bool host_optional = false;       // HTTP/1.0
  std::string authorization;        // empty: none
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

// /healthz fails when the stream thread has not beaten for this long.
inline constexpr core::Duration kHeartbeatLimit = core::seconds(30);

class HttpRoutes {
 public:
  // The board and the heartbeat outlive the object.
  HttpRoutes(AccessPolicy access, const SnapshotBoard& board, const Heartbeat& heartbeat);
  HttpResponse answer(const HttpRequest& request) const;

 private:
  HttpResponse open_route(const HttpRequest& request) const;
  HttpResponse guarded_route(const HttpRequest& request) const;
  HttpResponse health() const;
  HttpResponse readiness() const;

  AccessPolicy access_;
  const SnapshotBoard& board_;
  const Heartbeat& heartbeat_;
};

}  // namespace costdrift::daemon
