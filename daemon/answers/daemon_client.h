// DaemonClient: requests to the HTTP API of a running daemon, for the commands.
#pragma once

#include <string>

#include "core/result.h"
#include "daemon/answers/alerts_command.h"

namespace costdrift::daemon {

class DaemonClient {
 public:
  // Error (config, usage): the configuration or the token cannot be read, or the URL is none.
  static core::Result<DaemonClient> make(const DaemonAddress& address);

  // The body of a 200 answer. Errors: unavailable (nobody answers), usage (400, 404), try_again (503), config (401,
  // 403).
  core::Result<std::string> get(const std::string& path) const;
  core::Result<std::string> post_action(const std::string& json) const;
  const std::string& url() const { return url_; }

 private:
  DaemonClient(std::string url, std::string token) : url_(std::move(url)), token_(std::move(token)) {}
  std::string url_, token_;
};

}  // namespace costdrift::daemon
