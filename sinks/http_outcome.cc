#include "sinks/http_outcome.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>

#include "core/text.h"

namespace costdrift::sinks {
namespace {

constexpr core::Duration kShortestWait = core::seconds(1);
constexpr core::Duration kLongestWait = core::hours(1);
constexpr std::size_t kShortestSecretPart = 8;

bool is_retryable(int status) { return status == 408 || status == 425 || status == 429 || status >= 500; }

std::string answered(const HttpReply& reply, const HttpService& service, const std::string& detail) {
  std::string text = std::string(service.name) + " answered HTTP " + std::to_string(reply.status);
  if (!detail.empty()) text += " (" + detail + ")";
  return text;
}

// The end of the sentence "<service> answered HTTP 4xx: ...".
std::string remedy(int status, const HttpService& service) {
  const std::string credential(service.credential);
  if (status >= 300 && status < 400) return "redirects are not followed: put the final address into " + credential;
  switch (status) {
    case 401:
    case 403:
      return "it refuses costdrift: check the address and the key in " + credential +
             ", and that they were not revoked";
    case 404:
    case 405:
      return "nothing at this address takes alerts: check the address in " + credential;
    case 410:
      return "the address was removed for good: create a new one and put it into " + credential +
             ", or remove the sink";
    case 413:
      return "the message is too large for it: raise its limit for request bodies";
    case 400:
    case 415:
    case 422:
      return "it does not understand this message: check that the address in " + credential +
             " belongs to this type of sink; the incident remains on the page and in `costdrift alerts`";
  }
  return "trying again cannot help: check the address in " + credential + " and the receiver's log";
}

}  // namespace

bool is_success(int status) { return status >= 200 && status < 300; }

core::Duration retry_after(const HttpReply& reply, const core::Clock& clock) {
  const auto header = reply.headers.find("retry-after");
  if (header == reply.headers.end()) return {};
  const std::string& text = header->second;
  std::int64_t wait_s = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wait_s);
  if (error == std::errc::result_out_of_range) return kLongestWait;
  if (error != std::errc() || end != text.data() + text.size()) {
    const std::int64_t at_s = curl_getdate(text.c_str(), nullptr);
    if (at_s < 0) return {};
    wait_s = at_s - clock.wall_now().us / 1'000'000;
  }
  const std::int64_t longest_s = kLongestWait.us / 1'000'000;
  return std::clamp(core::seconds(std::clamp<std::int64_t>(wait_s, 0, longest_s)), kShortestWait, kLongestWait);
}

Outcome judge_reply(const HttpReply& reply, const HttpService& service, const core::Clock& clock,
                    const std::string& detail) {
  if (!reply.transport_error.empty()) return Retry{{}, std::string(service.name) + ": " + reply.transport_error};
  if (is_success(reply.status)) return Delivered{};
  if (is_retryable(reply.status)) return Retry{retry_after(reply, clock), answered(reply, service, detail)};
  return Rejected{answered(reply, service, detail) + ": " + remedy(reply.status, service)};
}

std::string safe_detail(std::string_view text, std::string_view secret) {
  for (std::size_t at = 0; at + kShortestSecretPart <= secret.size(); ++at) {
    if (text.find(secret.substr(at, kShortestSecretPart)) != std::string_view::npos) return {};
  }
  return core::escape_for_log(text, 200);
}

}  // namespace costdrift::sinks
