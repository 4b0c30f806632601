#include <curl/curl.h>

#include <algorithm>
#include <array>

#include "sinks/http_client.h"

namespace costdrift::sinks {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string part_of(CURLU* url, CURLUPart part) {
  char* raw = nullptr;
  if (curl_url_get(url, part, &raw, 0) != CURLUE_OK) return {};
  std::string text = raw;
  curl_free(raw);
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

bool is_loopback(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  const bool dotted = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return dotted && host.starts_with("127.");
}

}  // namespace

std::optional<UrlParts> split_url(const std::string& url) {
  const Url handle(curl_url(), curl_url_cleanup);
  if (!handle || curl_url_set(handle.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) return std::nullopt;
  if (!part_of(handle.get(), CURLUPART_USER).empty() || !part_of(handle.get(), CURLUPART_PASSWORD).empty()) {
    return std::nullopt;
  }
  UrlParts parts;
  parts.scheme = part_of(handle.get(), CURLUPART_SCHEME);
  parts.host = part_of(handle.get(), CURLUPART_HOST);
  if (parts.host.starts_with('[')) parts.host = parts.host.substr(1, parts.host.find(']') - 1);
  if ((parts.scheme != "https" && parts.scheme != "http") || parts.host.empty()) return std::nullopt;
  parts.loopback = is_loopback(parts.host);
  return parts;
}

core::Result<void> check_url(const std::string& url, const std::string& what, bool allow_http) {
  const std::optional<UrlParts> parts = split_url(url);
  if (!parts) {
    return core::fail(core::ErrorCode::config,
                      what + " is not an absolute https:// URL (without user name and password): give one");
  }
  if (parts->scheme == "https" || parts->loopback || allow_http) return {};
  return core::fail(core::ErrorCode::config, what + " (http://" + parts->host +
                                                 "/...) would send alerts unencrypted: use https://, which only "
                                                 "loopback hosts may do without");
}

}  // namespace costdrift::sinks
