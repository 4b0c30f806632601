#include "replay/label_import.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/clock.h"
#include "daemon/commands.h"

namespace costdrift::replay {
namespace {

using Json = nlohmann::json;

std::string text_at(const Json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& member(const Json& object, const char* key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

constexpr int kMaxDepth = 16;  // exports are less deep; a hostile one must not exhaust the stack

// Every dimension with a text at most kMaxDepth below `json`; the first found counts.
void collect_dimensions(const Json& json, std::vector<core::Label>& into, int depth = 0) {
  if (!json.is_structured() || depth > kMaxDepth) return;
  for (const auto& item : json.items()) {
    const auto dimension = json.is_object() ? core::dimension_from_name(item.key()) : std::nullopt;
    const bool known = dimension && std::any_of(into.begin(), into.end(),
                                                [&](const core::Label& label) { return label.first == *dimension; });
    if (dimension && !known && item.value().is_string()) {
      into.emplace_back(*dimension, item.value().get<std::string>());
    } else {
      collect_dimensions(item.value(), into, depth + 1);
    }
  }
}

struct Entry {
  std::string from, to;            // `to` empty: not over
  std::vector<const Json*> where;  // below these, dimensions; no copies: copying goes as deep as the text does
  std::string kind, note;
};

Entry pagerduty_entry(const Json& incident) {
  Entry entry{.from = text_at(incident, "created_at"), .to = text_at(incident, "resolved_at")};
  if (entry.to.empty() && text_at(incident, "status") == "resolved") {
    entry.to = text_at(incident, "last_status_change_at");
  }
  const Json& body = member(incident, "body");
  entry.where = {&member(incident, "custom_details"), &body, &member(incident, "first_trigger_log_entry")};
  entry.kind = text_at(member(member(body, "cef_details"), "details"), "detector");
  entry.note = text_at(incident, incident.contains("title") ? "title" : "summary");
  return entry;
}

Entry alertmanager_entry(const Json& alert) {
  const Json& labels = member(alert, "labels");
  Entry entry{.from = text_at(alert, "startsAt"), .to = text_at(alert, "endsAt"), .where = {&labels}};
  if (entry.to.starts_with("0001-")) entry.to.clear();
  entry.kind = text_at(labels, "detector");
  entry.note = text_at(member(alert, "annotations"), "summary");
  if (entry.note.empty()) entry.note = text_at(labels, "alertname");
  return entry;
}

core::Result<IncidentLabel> label_of(const Entry& entry, const std::string& place, core::EventTime open_until) {
  const auto from = core::parse_rfc3339(entry.from);
  if (!from)
    return core::fail(core::ErrorCode::bad_data, "importing " + place + ": its beginning: " + from.error().message);
  auto to = entry.to.empty() ? core::Result<core::EventTime>(open_until) : core::parse_rfc3339(entry.to);
  if (!to) return core::fail(core::ErrorCode::bad_data, "importing " + place + ": its end: " + to.error().message);
  IncidentLabel label{
      .from = *from, .to = std::max(*to, *from + core::minutes(1)), .kind = entry.kind, .note = entry.note};
  for (const Json* json : entry.where) collect_dimensions(*json, label.match);
  std::sort(label.match.begin(), label.match.end());
  if (label.match.empty()) label.note += label.note.empty() ? "matches everything" : " (matches everything)";
  return label;
}

}  // namespace

core::Result<std::vector<IncidentLabel>> import_labels(std::string_view text, const std::string& name,
                                                       core::EventTime open_until) {
  const Json root = Json::parse(text, nullptr, false);
  const Json& incidents = member(root, "incidents");
  const Json& alerts = member(root, "alerts");
  const bool pagerduty = incidents.is_array() || alerts.is_array();
  const Json& list = incidents.is_array() ? incidents : alerts.is_array() ? alerts : root;
  if (!list.is_array()) {
    return core::fail(core::ErrorCode::bad_data,
                      "importing " + name +
                          ": neither an export of PagerDuty ({\"incidents\": [...]} or {\"alerts\": "
                          "[...]}) nor a list of Alertmanager's alerts");
  }
  std::vector<IncidentLabel> labels;
  for (const auto& item : list) {
    auto label = label_of(pagerduty ? pagerduty_entry(item) : alertmanager_entry(item),
                          name + ", entry " + std::to_string(labels.size() + 1), open_until);
    if (!label) return label.error();
    labels.push_back(*std::move(label));
  }
  return labels;
}

int import_labels_command(const std::string& path) {
  std::ostringstream text;
  if (path == "-") {
    text << std::cin.rdbuf();
  } else {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      return daemon::report(core::fail(core::ErrorCode::io, "importing " + path + ": no such file, or no permission"));
    }
    text << file.rdbuf();
  }
  const auto labels = import_labels(text.str(), path, {core::SystemClock().wall_now().us});
  if (!labels) return daemon::report(labels.error());
  for (const auto& label : *labels) std::cout << to_json(label) << '\n';
  return 0;
}

}  // namespace costdrift::replay
