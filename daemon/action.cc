#include "daemon/action.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "core/text.h"

namespace costdrift::daemon {
namespace {

using nlohmann::ordered_json;

constexpr std::array kKinds = {ActionKind::ack,     ActionKind::snooze,  ActionKind::expected,
                               ActionKind::resolve, ActionKind::silence, ActionKind::unsilence};
constexpr std::size_t kMaxText = 256;
constexpr core::Duration kLongest = core::days(90);

core::Error wrong(const std::string& why) { return core::fail(core::ErrorCode::usage, "reading an action: " + why); }

bool is_about_incident(ActionKind kind) { return kind != ActionKind::silence && kind != ActionKind::unsilence; }
bool is_timed(ActionKind kind) { return kind == ActionKind::snooze || kind == ActionKind::silence; }

core::Result<void> set_kind(Action& action, const std::string& name) {
  for (const ActionKind kind : kKinds) {
    if (action_name(kind) != name) continue;
    action.kind = kind;
    return {};
  }
  return wrong("\"" + core::escape_for_log(name) +
               "\" is no action; there are ack, snooze, expected, resolve, silence and unsilence");
}

core::Result<void> set_match(Action& action, const ordered_json& match) {
  if (!match.is_object()) return wrong("\"match\" must be an object of labels, for example {\"app\":\"desk\"}");
  for (const auto& [name, value] : match.items()) {
    const auto dimension = core::dimension_from_name(name);
    if (!dimension || !value.is_string()) {
      return wrong("\"match\": \"" + core::escape_for_log(name) + "\" is not a label with a text as value");
    }
    action.match.emplace_back(*dimension, value.get<std::string>());
  }
  std::sort(action.match.begin(), action.match.end());
  return {};
}

core::Result<void> set_time(std::optional<core::EventTime>& time, const std::string& text) {
  const auto parsed = core::parse_rfc3339(text);
  if (!parsed) return parsed.error();
  time = *parsed;
  return {};
}

core::Result<void> set_text(Action& action, const std::string& key, const std::string& text) {
  if (text.size() > kMaxText) return wrong("\"" + key + "\" is longer than 256 bytes");
  if (key == "action") return set_kind(action, text);
  if (key == "until") return set_time(action.until, text);
  if (key == "at") {
    std::optional<core::EventTime> at;
    if (auto set = set_time(at, text); !set) return set;
    action.at = *at;
    return {};
  }
  if (key == "for") {
    const auto lasts = core::parse_duration(text);
    if (!lasts) return lasts.error();
    action.lasts = *lasts;
    return {};
  }
  for (const auto& [name, field] : {std::pair("incident", &Action::incident_id), std::pair("by", &Action::by),
                                    std::pair("note", &Action::note), std::pair("silence", &Action::silence_id)}) {
    if (key != name) continue;
    action.*field = text;
    return {};
  }
  return wrong("there is no key \"" + core::escape_for_log(key) + "\"");
}

core::Result<void> check(const Action& action) {
  if (is_about_incident(action.kind) && action.incident_id.empty()) return wrong("\"incident\" is missing");
  if (action.kind == ActionKind::unsilence && action.silence_id.empty()) return wrong("\"silence\" is missing");
  if (action.kind == ActionKind::silence && action.match.empty()) {
    return wrong("\"match\" is missing: a silence needs at least one label, for example {\"app\":\"desk\"}");
  }
  if (action.lasts && (action.lasts->us <= 0 || *action.lasts > kLongest)) {
    return wrong("\"for\" must be more than nothing and at most 90d");
  }
  if (!is_timed(action.kind) || action.until || action.lasts) return {};
  return wrong("\"for\" is missing: say how long, for example \"2h\"");
}

}  // namespace

std::string_view action_name(ActionKind kind) {
  switch (kind) {
    case ActionKind::ack:
      return "ack";
    case ActionKind::snooze:
      return "snooze";
    case ActionKind::expected:
      return "expected";
    case ActionKind::resolve:
      return "resolve";
    case ActionKind::silence:
      return "silence";
    case ActionKind::unsilence:
      return "unsilence";
  }
  core::bug("unknown kind of action");
}

core::Result<Action> parse_action(std::string_view text) {
  const auto json = ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return wrong("it is not a JSON object");
  if (!json.contains("action")) return wrong("\"action\" is missing");
  Action action;
  for (const auto& [key, value] : json.items()) {
    if (key != "match" && !value.is_string()) return wrong("\"" + core::escape_for_log(key) + "\" must be a text");
    auto set = key == "match" ? set_match(action, value) : set_text(action, key, value.get<std::string>());
    if (!set) return set.error();
  }
  if (auto checked = check(action); !checked) return checked.error();
  return action;
}

std::string to_json(const Action& action) {
  ordered_json json = ordered_json::object();
  if (action.at != core::EventTime::min()) json["at"] = core::format_rfc3339(action.at);
  json["action"] = action_name(action.kind);
  if (!action.incident_id.empty()) json["incident"] = action.incident_id;
  if (!action.match.empty()) {
    ordered_json match = ordered_json::object();
    for (const auto& [dimension, value] : action.match) match[std::string(core::dimension_name(dimension))] = value;
    json["match"] = match;
  }
  if (action.until) {
    json["until"] = core::format_rfc3339(*action.until);
  } else if (action.lasts) {
    json["for"] = core::format_duration(*action.lasts);
  }
  if (!action.by.empty()) json["by"] = action.by;
  if (!action.note.empty()) json["note"] = action.note;
  if (!action.silence_id.empty()) json["silence"] = action.silence_id;
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Action taken_at(Action action, core::EventTime at) {
  action.at = at;
  if (!action.until && action.lasts) action.until = at + *action.lasts;
  action.lasts.reset();
  if (action.kind == ActionKind::silence && action.silence_id.empty()) {
    action.silence_id = core::hash128_hex(to_json(action)).substr(0, 8);
  }
  return action;
}

}  // namespace costdrift::daemon
