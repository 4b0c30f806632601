// HttpRoutes: request -> answer, without sockets.
//
// GET and HEAD, and POST of an action (daemon/answers/action.h) to /api/v1/actions. /healthz (/livez, /-/healthy),
// /readyz (/-/ready) and /metrics are open; /, its files and /api/v1 need the token where one is set. Answers are built
// from the newest published snapshot.
// Security a page of another site can make a browser post to us, but not with a header of its own, nor as JSON,
//          without asking first, which this server refuses. So an action must say "X-Costdrift-Action: 1" and come as
//          application/json; an Origin, when there is one, must be ours.
// Threads  answer() is safe from every thread; an action waits for the stream thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/answers/action_desk.h"
#include "daemon/heartbeat.h"
#include "daemon/http/access.h"
#include "daemon/http/api_snapshot.h"

namespace costdrift::daemon {

struct HttpRequest {
  std::string method;
  std::string path;  // without query, percent-decoded
  std::vector<std::pair<std::string, std::string>> query;
  std::optional<std::string> host;       // nullopt: none or several
  bool host_optional = false;            // HTTP/1.0
  std::string authorization;             // empty: none
  std::string content_type{}, origin{};  // empty: none
  bool action_header = false;            // "X-Costdrift-Action: 1"
  std::string body{};
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

inline constexpr std::string_view kActionsPath = "/api/v1/actions";
inline constexpr const char* kActionHeader = "X-Costdrift-Action";

class HttpRoutes {
 public:
  // The board, the heartbeat and the desk outlive the object. Without a desk everything is read-only.
  HttpRoutes(AccessPolicy access, const SnapshotBoard& board, const Heartbeat& heartbeat, ActionDesk* desk = nullptr);
  HttpResponse answer(const HttpRequest& request) const;

 private:
  HttpResponse open_route(const HttpRequest& request) const;
  HttpResponse guarded_route(const HttpRequest& request) const;
  HttpResponse act(const HttpRequest& request) const;
  HttpResponse health() const;
  HttpResponse readiness() const;

  AccessPolicy access_;
  const SnapshotBoard& board_;
  const Heartbeat& heartbeat_;
  ActionDesk* desk_;
};

}  // namespace costdrift::daemon
