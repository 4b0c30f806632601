// HttpServer: /healthz /readyz /metrics /api/v1/alerts and the page at /, read-only, on loopback by default.
//
// Threads  own threads (cpp-httplib); they read only the SnapshotBoard and the Heartbeat.
// Security Host header must be loopback or the listen host (DNS rebinding); no CORS; strict CSP; with a token file set,
//          /api and / need "Authorization: Bearer <token>" (compared in constant time).
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "config/settings.h"
#include "core/clock.h"
#include "core/result.h"
#include "daemon/api_snapshot.h"

namespace costdrift::daemon {

// The stream thread beats once per loop; /healthz fails when the beat stops for 30 s.
class Heartbeat {
 public:
  explicit Heartbeat(const core::Clock& clock) : clock_(clock) { beat(); }
  void beat() { last_.store(clock_.monotonic_now().time_since_epoch().count()); }
  core::Duration age() const;

 private:
  const core::Clock& clock_;
  std::atomic<std::int64_t> last_{0};
};

class HttpServer {
 public:
  // Binds and starts. Error: the address is in use, not loopback without a token, or malformed; says which and what to do.
  static core::Result<std::unique_ptr<HttpServer>> start(const config::HttpSettings& settings, const SnapshotBoard& board,
                                                         const Heartbeat& heartbeat);
  ~HttpServer();
  int port() const;
  std::string url() const;  // "http://127.0.0.1:8321"

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::daemon
