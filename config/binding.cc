#include "config/binding.h"

namespace costdrift::config {
namespace {

constexpr FieldSpec kTopicFields[] = {
    {.name = "name", .doc = "Topic to read.", .required = true},
    {.name = "format",
     .type = FieldType::choice,
     .default_value = "canonical",
     .doc = "Format of its records (docs/EVENTS.md).",
     .choices = "canonical"},
};

constexpr FieldSpec kRouteFields[] = {
    {.name = "when",
     .type = FieldType::text_map,
     .doc = "What an alert must have: severity (info, warning, critical), detector, or a label (app, team, env, ...). "
            "Absent: every alert."},
    {.name = "send",
     .type = FieldType::text_list,
     .doc = "Names of the sinks that are told; must be given, and [] tells nobody."},
};

constexpr const char* kSeverity = "severity";
constexpr const char* kDetector = "detector";

std::optional<core::Severity> severity_of(const std::string& name) {
  for (const core::Severity severity : {core::Severity::info, core::Severity::warning, core::Severity::critical}) {
    if (core::severity_name(severity) == name) return severity;
  }
  return std::nullopt;
}

Route to_route(const Values& record) {
  Route route;
  for (const auto& [key, text] : record.map("when")) {
    if (key == kSeverity) {
      route.severity = severity_of(text);
    } else if (key == kDetector) {
      route.detector = text;
    } else {
      route.labels[key] = text;
    }
  }
  route.send = record.list("send");
  return route;
}

Values to_record(const Route& route) {
  Values::TextMap when = route.labels;
  if (route.severity) when[kSeverity] = core::severity_name(*route.severity);
  if (!route.detector.empty()) when[kDetector] = route.detector;
  Values record;
  record.set("when", std::move(when));
  record.set("send", route.send);
  return record;
}

}  // namespace

const RecordSpec kTopicRecord{kTopicFields};
const RecordSpec kRouteRecord{kRouteFields};

Value to_value(const std::vector<std::int32_t>& numbers) {
  return std::vector<std::int64_t>(numbers.begin(), numbers.end());
}

Value to_value(const std::vector<TopicSettings>& topics) {
  std::vector<Values> records;
  for (const TopicSettings& topic : topics) {
    Values record;
    record.set("name", topic.name);
    record.set("format", topic.format);
    records.push_back(std::move(record));
  }
  return records;
}

Value to_value(const std::vector<Route>& routes) {
  std::vector<Values> records;
  for (const Route& route : routes) records.push_back(to_record(route));
  return records;
}

void from_value(const Value& value, std::vector<std::int32_t>& numbers) {
  numbers.clear();
  for (const std::int64_t number : std::get<std::vector<std::int64_t>>(value)) {
    numbers.push_back(static_cast<std::int32_t>(number));  // the record's range fits
  }
}

void from_value(const Value& value, std::vector<TopicSettings>& topics) {
  topics.clear();
  for (const Values& record : std::get<std::vector<Values>>(value)) {
    topics.push_back({record.text("name"), record.text("format")});
  }
}

void from_value(const Value& value, std::vector<Route>& routes) {
  routes.clear();
  for (const Values& record : std::get<std::vector<Values>>(value)) routes.push_back(to_route(record));
}

}  // namespace costdrift::config
