#include "daemon/http/access.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "core/text.h"

namespace costdrift::daemon {

namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// inet_pton() reads to the first 0 only.
bool is_c_text(const std::string& text) { return text.find('\0') == std::string::npos; }

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return is_c_text(host) && inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return is_c_text(host) && inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || (is_ipv4(host) && host.starts_with("127."));
}

struct HostPort {
  std::string host;
  std::string_view port;  // empty: none given
};

bool is_digits(std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; }

// What a name or an address may be made of.
bool is_host(std::string_view text) {
  return !text.empty() && text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_:%") == std::string_view::npos;
}

// nullopt: brackets without an end, or something else than ":port" behind the host.
std::optional<HostPort> split_host_port(std::string_view text) {
  const bool bracketed = text.starts_with('[');
  const std::size_t end = text.find(bracketed ? ']' : ':');
  if (bracketed && end == std::string_view::npos) return std::nullopt;
  std::string host = lower(bracketed ? text.substr(1, end - 1) : text.substr(0, end));
  const std::string_view rest = end == std::string_view::npos ? "" : text.substr(bracketed ? end + 1 : end);
  if (rest.empty()) return HostPort{std::move(host), rest};
  if (!rest.starts_with(':')) return std::nullopt;
  return HostPort{std::move(host), rest.substr(1)};
}

std::optional<int> parse_port(std::string_view text) {
  int port = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 0 || port > 65535) return std::nullopt;
  return port;
}

std::string host_of_url(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "";
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  if (const std::size_t user = url.rfind('@'); user != std::string_view::npos) url.remove_prefix(user + 1);
  const auto parts = split_host_port(url);
  return parts ? parts->host : "";
}

std::string machine_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "";
  return lower(name.data());
}

}  // namespace

core::Result<ListenAddress> parse_listen_address(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return core::fail(core::ErrorCode::config, "reading http.listen \"" + core::escape_for_log(text) +
                                                   "\": " + std::string(why) +
                                                   "; write host:port, for example 127.0.0.1:8321 or [::1]:8321");
  };
  const auto parts = split_host_port(text);
  if (!parts || !is_host(parts->host)) return wrong("the host is neither a name nor an address");
  const auto port = parse_port(parts->port);
  if (!port) return wrong("the port is not a number from 0 to 65535");
  return ListenAddress{parts->host, *port, is_loopback(parts->host)};
}

std::string host_and_port(std::string_view host, int port) {
  const bool bracket = host.find(':') != std::string_view::npos;
  return (bracket ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
}

AccessPolicy::AccessPolicy(const ListenAddress& listen, std::string_view public_url,
                           std::vector<std::string> authorizations)
    : loopback_only_(listen.loopback),
      names_{lower(listen.host), host_of_url(public_url)},
      authorizations_(std::move(authorizations)) {
  if (!loopback_only_) names_.push_back(machine_name());
}

bool AccessPolicy::host_is_ours(std::string_view host_header) const {
  const auto parts = split_host_port(host_header);
  if (!parts || parts->host.empty() || !is_digits(parts->port)) return false;
  if (is_loopback(parts->host)) return true;
  if (!loopback_only_ && (is_ipv4(parts->host) || is_ipv6(parts->host))) return true;
  return std::find(names_.begin(), names_.end(), parts->host) != names_.end();
}

bool AccessPolicy::token_is_right(std::string_view authorization) const {
  bool right = authorizations_.empty();
  for (const std::string& expected : authorizations_) {
    right |= expected.size() == authorization.size() &&
             CRYPTO_memcmp(expected.data(), authorization.data(), expected.size()) == 0;
  }
  return right;
}

}  // namespace costdrift::daemon
