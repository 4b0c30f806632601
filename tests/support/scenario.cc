#include "tests/support/scenario.h"

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <set>

namespace costdrift::tests {
namespace {

[[noreturn]] void refuse(const YAML::Node& node, const std::string& what) { throw YAML::Exception(node.Mark(), what); }

// A key that nobody reads would be a condition that nobody checks.
void only_keys(const YAML::Node& node, const std::set<std::string>& known) {
  for (const auto& item : node) {
    if (!known.contains(item.first.as<std::string>())) {
      refuse(item.first, "unknown key " + item.first.as<std::string>());
    }
  }
}

core::Duration duration(const YAML::Node& node, core::Duration absent) {
  if (!node) return absent;
  const auto parsed = core::parse_duration(node.as<std::string>());
  if (!parsed) refuse(node, parsed.error().message);
  return *parsed;
}

core::Duration duration(const YAML::Node& parent, const char* key) {
  if (!parent[key]) refuse(parent, std::string(key) + " is missing");
  return duration(parent[key], core::Duration{});
}

// 0.25 or 25%.
double share(const YAML::Node& node) {
  const auto text = node.as<std::string>();
  return text.ends_with('%') ? std::stod(text) / 100 : std::stod(text);
}

double number(const YAML::Node& node, double absent) { return node ? share(node) : absent; }

std::optional<double> maybe(const YAML::Node& node) { return node ? std::optional(share(node)) : std::nullopt; }

ScenarioApp read_app(const YAML::Node& name, const YAML::Node& node) {
  only_keys(node, {"model", "calls_per_minute", "runs_per_minute", "input_tokens", "output_tokens", "spread",
                   "cache_hit_share", "retry_share", "steps_per_run", "day", "retrieved_tokens", "tool_calls",
                   "latency_ms", "reported_cost", "outcome", "dear_model", "dear_share", "use_cases"});
  ScenarioApp app;
  app.name = name.as<std::string>();
  app.model = node["model"].as<std::string>();
  app.day = node["day"].as<std::string>("flat");
  app.calls_per_minute = number(node["calls_per_minute"], 0) + number(node["runs_per_minute"], 0);
  app.input_tokens = number(node["input_tokens"], 2000);
  app.output_tokens = number(node["output_tokens"], 200);
  app.spread = number(node["spread"], app.spread);
  app.cache_hit_share = number(node["cache_hit_share"], app.cache_hit_share);
  app.retry_share = number(node["retry_share"], 0);
  app.steps_per_run = number(node["steps_per_run"], 0);
  app.retrieved_tokens = number(node["retrieved_tokens"], 0);
  app.tool_calls = number(node["tool_calls"], app.tool_calls);
  app.latency_ms = number(node["latency_ms"], 0);
  app.reported_cost = number(node["reported_cost"], 0);
  app.dear_model = node["dear_model"].as<std::string>("");
  app.dear_share = number(node["dear_share"], 0);
  app.outcome = node["outcome"].as<std::string>("");
  for (const auto& item : node["use_cases"])
    app.use_cases.emplace_back(item.first.as<std::string>(), share(item.second));
  if (app.calls_per_minute <= 0) refuse(node, "calls_per_minute or runs_per_minute is missing");
  return app;
}

ScenarioChange read_change(const YAML::Node& node) {
  only_keys(node, {"app",
                   "use_case",
                   "at",
                   "lasts",
                   "added_input_tokens",
                   "calls_factor",
                   "cache_hit_share",
                   "retry_share",
                   "steps_per_run",
                   "tail",
                   "endless_run_every",
                   "output_factor",
                   "reasoning_tokens",
                   "retrieved_tokens",
                   "tool_calls",
                   "latency_ms",
                   "reported_cost",
                   "free",
                   "dear_share",
                   "silent",
                   "twice_share",
                   "without",
                   "team",
                   "stray_key",
                   "stray_calls_per_minute"});
  ScenarioChange change;
  change.app = node["app"].as<std::string>();
  change.use_case = node["use_case"].as<std::string>("");
  change.at = duration(node, "at");
  change.lasts = duration(node, "lasts");
  change.added_input_tokens = number(node["added_input_tokens"], 0);
  change.calls_factor = number(node["calls_factor"], 1);
  change.cache_hit_share = maybe(node["cache_hit_share"]);
  change.retry_share = maybe(node["retry_share"]);
  change.steps_per_run = maybe(node["steps_per_run"]);
  change.output_factor = number(node["output_factor"], 1);
  change.reasoning_tokens = number(node["reasoning_tokens"], 0);
  change.retrieved_tokens = maybe(node["retrieved_tokens"]);
  change.tool_calls = maybe(node["tool_calls"]);
  change.latency_ms = maybe(node["latency_ms"]);
  change.reported_cost = maybe(node["reported_cost"]);
  change.dear_share = maybe(node["dear_share"]);
  change.free = node["free"].as<bool>(false);
  change.silent = node["silent"].as<bool>(false);
  change.twice_share = number(node["twice_share"], 0);
  change.without = node["without"].as<std::string>("");
  change.team = node["team"].as<std::string>("");
  if (const auto tail = node["tail"]) {
    only_keys(tail, {"share", "factor"});
    change.tail_share = share(tail["share"]);
    change.tail_factor = share(tail["factor"]);
  }
  change.endless_run_every = duration(node["endless_run_every"], core::Duration{});
  change.stray_key = node["stray_key"].as<std::string>("");
  change.stray_calls_per_minute = number(node["stray_calls_per_minute"], 0);
  if (change.stray_key.empty() != (change.stray_calls_per_minute <= 0)) {
    refuse(node, "stray_key and stray_calls_per_minute belong together");
  }
  return change;
}

ScenarioDeclaration read_declaration(const YAML::Node& node) {
  only_keys(node, {"at", "kind", "match", "note", "by", "expect", "up_to"});
  ScenarioDeclaration declared;
  declared.at = duration(node, "at");
  declared.kind = node["kind"].as<std::string>();
  declared.note = node["note"].as<std::string>();
  declared.by = node["by"].as<std::string>("");
  declared.up_to = node["up_to"].as<std::string>("");
  for (const auto& label : node["match"])
    declared.match.emplace_back(label.first.as<std::string>(), label.second.as<std::string>());
  for (const auto& detector : node["expect"]) declared.expect.push_back(detector.as<std::string>());
  return declared;
}

core::Severity read_severity(const YAML::Node& node) {
  for (const auto severity : {core::Severity::info, core::Severity::warning, core::Severity::critical}) {
    if (core::severity_name(severity) == node.as<std::string>()) return severity;
  }
  refuse(node, "severity must be info, warning or critical");
}

ExpectedAlert read_expected(const YAML::Node& node, const std::vector<ScenarioChange>& changes) {
  only_keys(node, {"app", "detector", "severity", "change", "within", "effect", "resolved_within", "also", "driver",
                   "declared", "announced", "model", "told_by", "drift_alike"});
  ExpectedAlert alert;
  alert.app = node["app"].as<std::string>();
  alert.detector = node["detector"].as<std::string>();
  alert.severity = read_severity(node["severity"]);
  alert.change = node["change"].as<std::size_t>(1) - 1;
  if (alert.change >= changes.size()) refuse(node, "there is no such change");
  alert.within = duration(node, "within");
  alert.effect_low = share(node["effect"][0]);
  alert.effect_high = share(node["effect"][1]);
  if (node["resolved_within"]) alert.resolved_within = duration(node, "resolved_within");
  alert.driver = node["driver"].as<std::string>("");
  alert.declared = node["declared"].as<std::string>("");
  alert.model = node["model"].as<std::string>("");
  alert.told_by = node["told_by"].as<std::string>("");
  alert.drift_alike = node["drift_alike"].as<std::int64_t>(0);
  alert.announced = node["announced"].as<bool>(false);
  for (const auto& detector : node["also"]) alert.also.push_back(detector.as<std::string>());
  return alert;
}

Scenario read(const YAML::Node& file) {
  only_keys(file, {"title", "seed", "history", "watch", "pages", "detectors", "apps", "changes", "declared", "expect"});
  Scenario scenario;
  scenario.title = file["title"].as<std::string>();
  scenario.seed = file["seed"].as<std::uint64_t>(1);
  scenario.history = duration(file, "history");
  scenario.watch = duration(file, "watch");
  if (file["pages"]) scenario.pages = YAML::Dump(file["pages"]);
  if (file["detectors"]) scenario.detectors = YAML::Dump(file["detectors"]);
  for (const auto& app : file["apps"]) scenario.apps.push_back(read_app(app.first, app.second));
  for (const auto& change : file["changes"]) scenario.changes.push_back(read_change(change));
  for (const auto& declared : file["declared"]) scenario.declared.push_back(read_declaration(declared));
  const YAML::Node expect = file["expect"];
  if (!expect) refuse(file, "expect is missing");
  if (expect.IsSequence()) {
    for (const auto& alert : expect) scenario.expected.push_back(read_expected(alert, scenario.changes));
  } else if (expect.as<std::string>() == "no pages") {
    scenario.tickets_allowed = true;
  } else if (expect.as<std::string>() != "none") {
    refuse(expect, "expect must be a list, none, or no pages");
  }
  return scenario;
}

}  // namespace

core::Result<Scenario> read_scenario(const std::string& path) {
  try {
    Scenario scenario = read(YAML::LoadFile(path));
    scenario.name = std::filesystem::path(path).stem();
    return scenario;
  } catch (const std::exception& problem) {
    return core::fail(core::ErrorCode::bad_data, "reading scenario " + path + ": " + problem.what());
  }
}

}  // namespace costdrift::tests
