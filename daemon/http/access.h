// Who may ask the HTTP server what: the listen address, the Host header and the token.
//
// Why a Host check: a page of any web site can make a browser resolve its own name to 127.0.0.1 and read our answers
// (DNS rebinding). A request whose Host is a name that is not ours is therefore refused.
// Threads  immutable values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace costdrift::daemon {

struct ListenAddress {
  std::string host;  // without brackets
  int port = 0;      // 0: any free port
  bool loopback = false;
};

// "127.0.0.1:8321", "localhost:0", "[::1]:8321", "0.0.0.0:8321". Error (config) says which forms are right.
core::Result<ListenAddress> parse_listen_address(std::string_view text);

// "host:port" for links: IPv6 addresses in brackets.
std::string host_and_port(std::string_view host, int port);

class AccessPolicy {
 public:
  // `public_url`: its host is ours too (a reverse proxy in front); may be empty.
  // `authorizations`: complete Authorization header values of which one is needed for /, its files and /api; none: all
  // may read.
  AccessPolicy(const ListenAddress& listen, std::string_view public_url, std::vector<std::string> authorizations);

  // Whether a Host header names this server: loopback, the listen address, the host of public_url; and, unless bound to
  // loopback, this machine's name and any address in digits (no DNS name, so no rebinding).
  bool host_is_ours(std::string_view host_header) const;

  bool needs_token() const { return !authorizations_.empty(); }
  // Takes a time that does not depend on where a wrong value differs.
  bool token_is_right(std::string_view authorization) const;

 private:
  bool loopback_only_;
  std::vector<std::string> names_;
  std::vector<std::string> authorizations_;
};

}  // namespace costdrift::daemon
