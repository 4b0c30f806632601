// describe() of receiver.h, apart from the server.
#include <nlohmann/json.hpp>

#include "daemon/demo/receiver.h"

namespace costdrift::daemon::demo {

namespace {

// The text at `path` of the body, or "": nothing of a body is taken for granted.
std::string text_at(const nlohmann::json& body, const char* path) {
  const nlohmann::json::json_pointer pointer(path);
  return body.contains(pointer) && body[pointer].is_string() ? body[pointer].get<std::string>() : std::string();
}

std::string words_of(Target target, const nlohmann::json& body) {
  switch (target) {
    case Target::slack:
      return text_at(body, "/text");
    case Target::pagerduty: {
      const std::string action = text_at(body, "/event_action");
      if (action == "resolve") return action + " " + text_at(body, "/dedup_key");
      return action + " " + text_at(body, "/payload/severity") + ": " + text_at(body, "/payload/summary");
    }
    case Target::webhook:
      return text_at(body, "/type") + " " + text_at(body, "/data/severity") + ": " + text_at(body, "/data/summary");
  }
  return {};
}

}  // namespace

std::string_view target_name(Target target) {
  switch (target) {
    case Target::slack:
      return "slack";
    case Target::pagerduty:
      return "pagerduty";
    case Target::webhook:
      return "webhook";
  }
  return "";
}

std::string describe(const Post& post) {
  std::string line(target_name(post.target));
  line.resize(11, ' ');
  const auto body = nlohmann::json::parse(post.body, nullptr, /*allow_exceptions=*/false);
  return line + (body.is_object() ? words_of(post.target, body) : "(not JSON)");
}

}  // namespace costdrift::daemon::demo
