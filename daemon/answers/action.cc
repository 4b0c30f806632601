#include "daemon/answers/action.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/hash.h"
#include "core/text.h"
#include "detectors/detector_names.h"

namespace costdrift::daemon {
namespace {

using nlohmann::ordered_json;

constexpr std::array kKinds = {ActionKind::ack,     ActionKind::snooze,    ActionKind::expected, ActionKind::resolve,
                               ActionKind::silence, ActionKind::unsilence, ActionKind::declare,  ActionKind::withdraw};
constexpr std::array kChangeKinds = {core::ChangeKind::deploy, core::ChangeKind::price};
constexpr std::size_t kMaxText = 256;
constexpr double kLargestEffect = 100;
constexpr core::Duration kLongest = core::days(90);

core::Error wrong(const std::string& why) { return core::fail(core::ErrorCode::usage, "reading an action: " + why); }

bool is_timed(ActionKind kind) { return kind == ActionKind::snooze || kind == ActionKind::silence; }

core::Result<void> set_kind(Action& action, const std::string& name) {
  for (const ActionKind kind : kKinds) {
    if (action_name(kind) != name) continue;
    action.kind = kind;
    return {};
  }
  return wrong("\"" + core::escape_for_log(name) +
               "\" is no action; there are ack, snooze, expected, resolve, silence, unsilence, declare and withdraw");
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

core::Result<void> set_change_kind(Action& action, const std::string& name) {
  for (const core::ChangeKind kind : kChangeKinds) {
    if (core::change_kind_name(kind) == name) action.change = kind;
  }
  if (action.change) return {};
  return wrong("\"kind\": \"" + core::escape_for_log(name) + "\" is no kind of change; there are deploy and price");
}

core::Result<void> set_expect(Action& action, const ordered_json& names) {
  if (!names.is_array()) return wrong("\"expect\" must be a list of detectors, for example [\"prompt_growth\"]");
  for (const auto& name : names) {
    if (!name.is_string() || !detectors::is_detector(name.get<std::string>())) {
      return wrong(
          "\"expect\": " + core::escape_for_log(name.dump(-1, ' ', true, ordered_json::error_handler_t::replace)) +
          " is no detector; `costdrift reference` names them");
    }
    action.expect.push_back(name.get<std::string>());
  }
  std::sort(action.expect.begin(), action.expect.end());
  action.expect.erase(std::unique(action.expect.begin(), action.expect.end()), action.expect.end());
  return {};
}

// "30%" or "0.3".
core::Result<void> set_up_to(Action& action, const std::string& text) {
  double value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit(rest, text.data() + text.size());
  if (unit == "%") value /= 100;
  if (error != std::errc() || (!unit.empty() && unit != "%") || !(value > 0 && value <= kLargestEffect)) {
    return wrong("\"up_to\" must be an effect above 0 and at most 10000%, for example \"30%\"");
  }
  action.up_to = std::round(value * 1e6) / 1e6;  // what to_json() gives back exactly
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
  if (key == "when") return set_time(action.when, text);
  if (key == "kind") return set_change_kind(action, text);
  if (key == "up_to") return set_up_to(action, text);
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
  for (const auto& [name, field] :
       {std::pair("incident", &Action::incident_id), std::pair("by", &Action::by), std::pair("note", &Action::note),
        std::pair("silence", &Action::silence_id), std::pair("change", &Action::change_id)}) {
    if (key != name) continue;
    action.*field = text;
    return {};
  }
  return wrong("there is no key \"" + core::escape_for_log(key) + "\"");
}

core::Result<void> set_value(Action& action, const std::string& key, const ordered_json& value) {
  if (key == "match") return set_match(action, value);
  if (key == "expect") return set_expect(action, value);
  if (!value.is_string()) return wrong("\"" + core::escape_for_log(key) + "\" must be a text");
  return set_text(action, key, value.get<std::string>());
}

core::Result<void> check_declaration(const Action& action) {
  if (action.kind == ActionKind::withdraw) {
    return action.change_id.empty() ? core::Result<void>(wrong("\"change\" is missing")) : core::Result<void>();
  }
  if (!action.change) return wrong("\"kind\" is missing: deploy or price");
  if (!action.match.empty()) return {};
  return wrong("\"match\" is missing: a change needs at least one label, for example {\"app\":\"desk\"}");
}

core::Result<void> check(const Action& action) {
  if (is_about_incident(action.kind) && action.incident_id.empty()) return wrong("\"incident\" is missing");
  if (action.kind == ActionKind::unsilence && action.silence_id.empty()) return wrong("\"silence\" is missing");
  if (action.kind == ActionKind::silence && action.match.empty()) {
    return wrong("\"match\" is missing: a silence needs at least one label, for example {\"app\":\"desk\"}");
  }
  if (action.kind == ActionKind::declare || action.kind == ActionKind::withdraw) {
    if (auto checked = check_declaration(action); !checked) return checked;
  }
  if (action.lasts && (action.lasts->us <= 0 || *action.lasts > kLongest)) {
    return wrong("\"for\" must be more than nothing and at most 90d");
  }
  if (!is_timed(action.kind) || action.until || action.lasts) return {};
  return wrong("\"for\" is missing: say how long, for example \"2h\"");
}

}  // namespace

namespace {

Action declared_at(Action action) {
  if (!action.when) action.when = action.at;
  if (!action.until) action.until = *action.when + action.lasts.value_or(kExpectationLasts);
  action.lasts.reset();
  if (!action.change_id.empty()) return action;
  Action said = action;
  said.at = core::EventTime::min();
  action.change_id = core::hash128_hex(to_json(said)).substr(0, 8);
  return action;
}

}  // namespace

bool is_about_incident(ActionKind kind) {
  switch (kind) {
    case ActionKind::ack:
    case ActionKind::snooze:
    case ActionKind::expected:
    case ActionKind::resolve:
      return true;
    case ActionKind::silence:
    case ActionKind::unsilence:
    case ActionKind::declare:
    case ActionKind::withdraw:
      return false;
  }
  core::bug("unknown kind of action");
}
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
    case ActionKind::declare:
      return "declare";
    case ActionKind::withdraw:
      return "withdraw";
  }
  core::bug("unknown kind of action");
}

core::Result<Action> parse_action(std::string_view text) {
  const auto json = ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return wrong("it is not a JSON object");
  if (!json.contains("action")) return wrong("\"action\" is missing");
  Action action;
  for (const auto& [key, value] : json.items()) {
    if (auto set = set_value(action, key, value); !set) return set.error();
  }
  if (auto checked = check(action); !checked) return checked.error();
  return action;
}

std::string to_json(const Action& action) {
  ordered_json json = ordered_json::object();
  if (action.at != core::EventTime::min()) json["at"] = core::format_rfc3339(action.at);
  json["action"] = action_name(action.kind);
  if (!action.incident_id.empty()) json["incident"] = action.incident_id;
  if (action.change) json["kind"] = core::change_kind_name(*action.change);
  if (!action.match.empty()) {
    ordered_json match = ordered_json::object();
    for (const auto& [dimension, value] : action.match) match[std::string(core::dimension_name(dimension))] = value;
    json["match"] = match;
  }
  if (action.when) json["when"] = core::format_rfc3339(*action.when);
  if (!action.expect.empty()) json["expect"] = action.expect;
  if (action.up_to) json["up_to"] = ordered_json(*action.up_to).dump();
  if (action.until) {
    json["until"] = core::format_rfc3339(*action.until);
  } else if (action.lasts) {
    json["for"] = core::format_duration(*action.lasts);
  }
  if (!action.by.empty()) json["by"] = action.by;
  if (!action.note.empty()) json["note"] = action.note;
  if (!action.silence_id.empty()) json["silence"] = action.silence_id;
  if (!action.change_id.empty()) json["change"] = action.change_id;
  return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Action taken_at(Action action, core::EventTime at) {
  action.at = at;
  if (action.kind == ActionKind::declare) return declared_at(std::move(action));
  if (!action.until && action.lasts) action.until = at + *action.lasts;
  action.lasts.reset();
  if (action.kind == ActionKind::silence && action.silence_id.empty()) {
    action.silence_id = core::hash128_hex(to_json(action)).substr(0, 8);
  }
  return action;
}

core::Error unknown_id(const Action& action) {
  const bool silence = action.kind == ActionKind::unsilence;
  return core::fail(core::ErrorCode::usage,
                    (silence ? "there is no silence " : "there is no declared change ") +
                        core::escape_for_log(silence ? action.silence_id : action.change_id, 64) + "; `costdrift " +
                        (silence ? "silence" : "changes") + " list` shows those that are known");
}

}  // namespace costdrift::daemon
