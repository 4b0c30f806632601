#include "daemon/demo/incident_script.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <set>
#include <utility>

#include "daemon/demo/app_profile.h"

namespace costdrift::daemon::embedded {
extern const std::string_view demo_incidents;
}

namespace costdrift::daemon::demo {

namespace {

// Collects the first complaint; reading goes on with harmless values, so that no step needs its own check.
class ScriptReader {
 public:
  Incident incident(const YAML::Node& node, std::size_t number) {
    where_ = "incident " + std::to_string(number);
    only(node, {"title", "at", "lasts", "app", "detector", "change"});
    Incident incident;
    incident.title = text(node, "title");
    incident.app = text(node, "app");
    incident.detector = text(node, "detector");
    incident.at = time_of_day(text(node, "at"));
    incident.lasts = duration(node, "lasts");
    if (incident.at + incident.lasts > core::days(1)) complain("ends after midnight");
    if (const AppProfile* profile = find_app(incident.app)) {
      incident.model = profile->models[0].model->name;
      incident.change = change(node["change"], *profile);
    } else {
      complain("app: there is no application \"" + incident.app + "\" in the demo");
    }
    return incident;
  }

  const std::string& complaint() const { return complaint_; }

 private:
  Change change(const YAML::Node& node, const AppProfile& profile) {
    Change change;
    if (!node || !node.IsMap() || node.size() == 0) {
      complain("change: say what changes");
      return change;
    }
    only(node, {"added_input_tokens", "retry_share", "cache_hit_share", "mean_steps", "tail", "endless_run",
                "prompt_version"});
    if (node["prompt_version"]) change.prompt_version = text(node, "prompt_version");
    if (node["added_input_tokens"]) {
      change.added_input_tokens = static_cast<std::int64_t>(number(node, "added_input_tokens", 1, 1e6));
    }
    if (needs(node, "retry_share", profile.retry_share)) change.retry_share = number(node, "retry_share", 0, 0.9);
    if (needs(node, "cache_hit_share", profile.cache_hit_share)) {
      change.cache_hit_share = number(node, "cache_hit_share", 0, 1);
    }
    if (needs(node, "mean_steps", profile.mean_steps)) change.mean_steps = number(node, "mean_steps", 1, 1000);
    if (const YAML::Node tail = node["tail"]) {
      only(tail, {"share", "factor"});
      change.tail = Change::Tail{number(tail, "share", 0, 1), number(tail, "factor", 1, 1000)};
    }
    if (needs(node, "endless_run", profile.mean_steps)) {
      const YAML::Node run = node["endless_run"];
      only(run, {"every", "tokens_per_step"});
      change.endless_run =
          Change::EndlessRun{duration(run, "every"), static_cast<std::int64_t>(number(run, "tokens_per_step", 0, 1e5))};
    }
    return change;
  }

  // True when `key` is there; a complaint when the application does not have the trait that it changes.
  bool needs(const YAML::Node& node, const char* key, double trait) {
    if (!node[key]) return false;
    if (trait <= 0) complain(std::string(key) + ": the application has nothing of the kind");
    return trait > 0;
  }

  void only(const YAML::Node& node, const std::set<std::string>& keys) {
    if (!node.IsMap()) return complain("must be a map");
    for (const auto& entry : node) {
      if (!keys.contains(entry.first.Scalar())) complain("unknown key \"" + entry.first.Scalar() + "\"");
    }
  }

  std::string text(const YAML::Node& node, const char* key) {
    if (node.IsMap() && node[key] && node[key].IsScalar() && !node[key].Scalar().empty()) return node[key].Scalar();
    complain(std::string(key) + " is missing");
    return {};
  }

  double number(const YAML::Node& node, const char* key, double low, double high) {
    const std::string digits = text(node, key);
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value < low || value > high) {
      complain(std::string(key) + ": \"" + digits + "\" is not a number in its range");
      return low;
    }
    return value;
  }

  core::Duration duration(const YAML::Node& node, const char* key) {
    const auto parsed = core::parse_duration(text(node, key));
    if (parsed && parsed->us > 0) return *parsed;
    complain(std::string(key) + ": say a time with its unit, such as 2h or 90s");
    return core::seconds(1);
  }

  core::Duration time_of_day(const std::string& text) {
    int hour = 0, minute = 0;
    const bool shaped = text.size() == 5 && text[2] == ':';
    const char* begin = text.data();
    if (shaped && std::from_chars(begin, begin + 2, hour).ptr == begin + 2 &&
        std::from_chars(begin + 3, begin + 5, minute).ptr == begin + 5 && hour < 24 && minute < 60 && hour >= 0 &&
        minute >= 0) {
      return core::hours(hour) + core::minutes(minute);
    }
    complain("at: say the time of day as \"HH:MM\"");
    return {};
  }

  void complain(const std::string& what) {
    if (complaint_.empty()) complaint_ = where_ + ": " + what;
  }

  std::string where_, complaint_;
};

core::Error script_error(const std::string& what) {
  return core::fail(core::ErrorCode::config, "reading the demo's script of incidents: " + what);
}

}  // namespace

core::Result<std::vector<Incident>> parse_incident_script(std::string_view text) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    if (!root.IsSequence() || root.size() == 0) return script_error("it must be a list of incidents");
    std::vector<Incident> incidents;
    ScriptReader reader;
    for (const auto& node : root) incidents.push_back(reader.incident(node, incidents.size() + 1));
    if (!reader.complaint().empty()) return script_error(reader.complaint());
    return incidents;
  } catch (const YAML::Exception& exception) {
    return script_error(exception.what());
  }
}

std::string_view shipped_incident_script() { return embedded::demo_incidents; }

}  // namespace costdrift::daemon::demo
