// What tests of sinks share: fixed alert events, an HttpClient that answers from a script, secret files, and settings
// as the loader would complete them.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "config/field.h"
#include "core/notification.h"
#include "sinks/http_client.h"
#include "sinks/sink.h"

namespace costdrift::tests {

// A prompt grew by 600 tokens; version 1 fires, 2 is an update, 3 the end.
core::AlertEvent sample_alert(core::AlertStatus status);
// The same with names that try to break out: mentions, markup, quotes, newlines, bidirectional overrides, invalid UTF-8
// and an app name of 5,000 characters.
core::AlertEvent hostile_alert();
// With the action that goes with the event's status.
core::Notification notification_of(core::AlertEvent event);

// Replies in order; the last one stays; none: 200 "ok".
class ScriptedHttp final : public sinks::HttpClient {
 public:
  explicit ScriptedHttp(std::deque<sinks::HttpReply> script = {}) : replies(std::move(script)) {}
  sinks::HttpReply post(const sinks::HttpRequest& request) override;

  std::deque<sinks::HttpReply> replies;
  std::vector<sinks::HttpRequest> requests;
};

sinks::HttpReply http_reply(int status, std::string body = "", std::map<std::string, std::string> headers = {});

// A directory of its own, removed at the end, with files of mode 0600.
class SecretFiles {
 public:
  SecretFiles();
  ~SecretFiles();
  SecretFiles(const SecretFiles&) = delete;
  SecretFiles& operator=(const SecretFiles&) = delete;
  std::string write(const std::string& name, const std::string& content) const;  // returns the path

 private:
  std::filesystem::path directory_;
};

inline constexpr std::string_view kRoutingKey = "0123456789abcdef0123456789abcdef";
inline constexpr std::string_view kSecretUrl = "https://hooks.example.test/services/T0SECRET01/B0SECRET02/c3ecr3tt0k3n";
inline constexpr std::string_view kSigningSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// Defaults for every field, and a file for every secret: an address where the name speaks of a URL, a signing secret
// where it speaks of signing, a key otherwise.
config::Values default_values(const sinks::SinkSpec& spec, const SecretFiles& files);

}  // namespace costdrift::tests
