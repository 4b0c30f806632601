#include "replay/label.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/text.h"

namespace costdrift::replay {
namespace {

using Json = nlohmann::json;

constexpr double kDriverShare = 0.5;
// A list of labels is three levels deep. Every level more lets a few lines of YAML with aliases stand for more nodes.
constexpr int kMaxLevel = 4;

core::Error bad(const std::string& place, const std::string& why) {
  return core::fail(core::ErrorCode::bad_data, "reading labels from " + place + ": " + why);
}

core::Result<core::EventTime> time_of(const Json& object, const char* key, const std::string& place) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) {
    return bad(place, std::string("\"") + key + "\" must be a time such as \"2026-03-02T14:00:00Z\"");
  }
  auto time = core::parse_rfc3339(found->get<std::string>());
  if (!time) return bad(place, std::string("\"") + key + "\": " + time.error().message);
  return time;
}

core::Result<std::vector<core::Label>> match_of(const Json& object, const std::string& place) {
  std::vector<core::Label> labels;
  if (!object.contains("match")) return labels;
  const Json& match = object.at("match");  // a reference: copying goes as deep as the text does
  if (!match.is_object()) return bad(place, "\"match\" must be an object of names and values");
  for (const auto& [name, value] : match.items()) {
    const auto dimension = core::dimension_from_name(name);
    if (!dimension || !value.is_string()) {
      return bad(place, "\"match\": \"" + core::escape_for_log(name, 40) +
                            "\" is no dimension with a text; use app, model, provider, team, ...");
    }
    labels.emplace_back(*dimension, value.get<std::string>());
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

core::Result<std::string> text_of(const Json& object, const char* key, const std::string& place) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return std::string();
  if (!found->is_string()) return bad(place, std::string("\"") + key + "\" must be a text");
  return found->get<std::string>();
}

core::Result<void> check_keys(const Json& object, const std::string& place) {
  if (!object.is_object()) return bad(place, "not an object with \"from\", \"to\" and \"match\"");
  for (const auto& [key, value] : object.items()) {
    if (key != "from" && key != "to" && key != "match" && key != "kind" && key != "note" && key != "real") {
      return bad(place, "\"" + core::escape_for_log(key, 40) +
                            "\" is not known; the keys are from, to, match, kind, "
                            "note, real");
    }
  }
  return {};
}

core::Result<IncidentLabel> label_of(const Json& object, const std::string& place) {
  if (auto checked = check_keys(object, place); !checked) return checked.error();
  const auto from = time_of(object, "from", place), to = time_of(object, "to", place);
  if (!from) return from.error();
  if (!to) return to.error();
  if (*to <= *from) return bad(place, "\"to\" must be later than \"from\"");
  auto match = match_of(object, place);
  if (!match) return match.error();
  auto kind = text_of(object, "kind", place), note = text_of(object, "note", place);
  if (!kind) return kind.error();
  if (!note) return note.error();
  const auto real = object.find("real");
  if (real != object.end() && !real->is_boolean()) return bad(place, "\"real\" must be true or false");
  return IncidentLabel{
      *from, *to, *std::move(match), *std::move(kind), *std::move(note), real == object.end() || real->get<bool>()};
}

// Scalars as texts, which is what labels are made of. `level`: of nesting, from 0.
core::Result<Json> json_of(const YAML::Node& node, int level, const std::string& path, const std::string& key = {}) {
  if (level > kMaxLevel) return bad(path, "nested too deeply, or a part of it contains itself");
  if (node.IsMap() || node.IsSequence()) {
    Json all = node.IsMap() ? Json::object() : Json::array();
    for (const auto& item : node) {
      const auto name = node.IsMap() ? item.first.as<std::string>() : std::string();
      auto value = json_of(node.IsMap() ? item.second : item, level + 1, path, name);
      if (!value) return value.error();
      (node.IsMap() ? all[name] : all.emplace_back()) = *std::move(value);
    }
    return all;
  }
  if (!node.IsScalar()) return Json(nullptr);
  if (key == "real") return Json(node.as<bool>());
  return Json(node.as<std::string>());
}

core::Result<std::vector<IncidentLabel>> labels_of(const Json& list, const std::string& path) {
  if (!list.is_array()) return bad(path, "it must hold a list of labels");
  std::vector<IncidentLabel> labels;
  for (const auto& object : list) {
    auto label = label_of(object, path + ", label " + std::to_string(labels.size() + 1));
    if (!label) return label.error();
    labels.push_back(*std::move(label));
  }
  return labels;
}

core::Result<std::vector<IncidentLabel>> from_yaml(const std::string& text, const std::string& path) {
  try {
    const YAML::Node root = YAML::Load(text);
    if (root.IsNull()) return std::vector<IncidentLabel>();
    const auto json = json_of(root, 0, path);
    return json ? labels_of(*json, path) : json.error();
  } catch (const YAML::Exception& error) {
    return bad(path, error.what());
  }
}

core::Result<std::vector<IncidentLabel>> from_lines(const std::string& text, const std::string& path) {
  std::vector<IncidentLabel> labels;
  std::istringstream lines(text);
  std::int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string place = path + ":" + std::to_string(number);
    const Json object = Json::parse(line, nullptr, false);
    if (object.is_discarded()) return bad(place, "not a JSON object");
    auto label = label_of(object, place);
    if (!label) return label.error();
    labels.push_back(*std::move(label));
  }
  return labels;
}

}  // namespace

core::Result<std::vector<IncidentLabel>> read_labels(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return core::fail(core::ErrorCode::io, "reading labels from " + path + ": no such file, or no permission");
  const std::string content{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (path.ends_with(".yaml") || path.ends_with(".yml")) return from_yaml(content, path);
  const auto first = content.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || content[first] != '[') return from_lines(content, path);
  const Json list = Json::parse(content, nullptr, false);
  if (list.is_discarded()) return bad(path, "not JSON");
  return labels_of(list, path);
}

std::string to_json(const IncidentLabel& label) {
  nlohmann::ordered_json object = {{"from", core::format_rfc3339(label.from)}, {"to", core::format_rfc3339(label.to)}};
  object["match"] = nlohmann::ordered_json::object();
  for (const auto& [dimension, value] : label.match)
    object["match"][std::string(core::dimension_name(dimension))] = value;
  if (!label.kind.empty()) object["kind"] = label.kind;
  if (!label.note.empty()) object["note"] = label.note;
  if (!label.real) object["real"] = false;
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool means(const IncidentLabel& label, const core::AlertEvent& event) {
  if (event.detected_at < label.from - kLabelSlack || event.detected_at > label.to + kLabelSlack) return false;
  return std::all_of(label.match.begin(), label.match.end(), [&](const core::Label& wanted) {
    if (std::find(event.labels.begin(), event.labels.end(), wanted) != event.labels.end()) return true;
    return std::any_of(event.drivers.begin(), event.drivers.end(), [&](const core::Driver& driver) {
      return driver.dimension == wanted.first && driver.value == wanted.second && driver.share >= kDriverShare;
    });
  });
}

bool concerns(const IncidentLabel& label, const core::SeriesKey& series) {
  const auto has = series.labels();
  return std::all_of(label.match.begin(), label.match.end(), [&](const core::Label& wanted) {
    return std::none_of(has.begin(), has.end(), [&](const core::Label& item) {
      return item.first == wanted.first && item.second != wanted.second;
    });
  });
}

std::string describe_match(const IncidentLabel& label) {
  std::string text;
  for (const auto& [dimension, value] : label.match) {
    text += (text.empty() ? "" : ", ") + std::string(core::dimension_name(dimension)) + " " +
            core::escape_for_log(value, 64);
  }
  return text.empty() ? "everything" : text;
}

}  // namespace costdrift::replay
