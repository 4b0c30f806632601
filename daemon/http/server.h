// HttpServer: /healthz /readyz /metrics /api/v1 and the page at /, on loopback by default.
//
// Threads  own threads (cpp-httplib); they read only the SnapshotBoard and the Heartbeat, and leave actions at the
//          desk.
// Security Host header must name this server (DNS rebinding, daemon/http/access.h); no CORS; strict CSP; with a token
//          file set, /api and / need "Authorization: Bearer <token>", or Basic with user "costdrift" and the token as
//          password, which is what a browser asks for (compared in constant time).
// Limits   64 connections at a time (one more is told 503), one request per connection, 8 KiB per request, 10 s to send
//          the request and 10 s to take the answer. The destructor ends open connections at once.
#pragma once

#include <memory>
#include <string>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/answers/action_desk.h"
#include "daemon/heartbeat.h"
#include "daemon/http/api_snapshot.h"

namespace costdrift::daemon {

class HttpServer {
 public:
  // Binds and starts. Error: the address is in use (unavailable), not loopback without a token, or malformed (config);
  // says which and what to do. The board, the heartbeat and the desk outlive the object; without a desk it is
  // read-only.
  static core::Result<std::unique_ptr<HttpServer>> start(const config::HttpSettings& settings,
                                                         const SnapshotBoard& board, const Heartbeat& heartbeat,
                                                         ActionDesk* desk = nullptr);
  ~HttpServer();
  // The port in use, also when the settings ask for any (":0").
  int port() const;
  std::string url() const;  // "http://127.0.0.1:8321"

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::daemon
