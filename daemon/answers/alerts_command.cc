#include "daemon/answers/alerts_command.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "daemon/answers/daemon_client.h"
#include "daemon/commands.h"

namespace costdrift::daemon {
namespace {

using nlohmann::json;

constexpr std::size_t kShortId = 8;  // digits that are taken for an id

core::Result<json> ask(const DaemonAddress& address, const std::string& path) {
  const auto client = DaemonClient::make(address);
  if (!client) return client.error();
  const auto body = client->get(path);
  if (!body) return body.error();
  auto parsed = json::parse(*body, nullptr, false);
  if (!parsed.is_discarded()) return parsed;
  return core::fail(core::ErrorCode::unavailable, client->url() + " does not answer like costdrift");
}

// Names come from events: nothing of them may reach the terminal as it is.
std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? core::escape_for_log(found->get<std::string>(), 1024) : "";
}

std::string one_line_of(const json& object, const char* key) {
  return object.value(key, json()).dump(-1, ' ', true, json::error_handler_t::replace);
}

std::string answer_of(const json& alert) {
  std::string text;
  if (!text_of(alert, "acknowledged_at").empty()) {
    const std::string by = text_of(alert, "acknowledged_by");
    text += "  [acknowledged" + (by.empty() ? "" : " by " + by) + "]";
  }
  const json told_by = alert.value("told_by", json());
  if (told_by.is_object()) text += "  [told by " + text_of(told_by, "incident_id").substr(0, kShortId) + "]";
  if (!text_of(alert, "snoozed_until").empty()) text += "  [snoozed until " + text_of(alert, "snoozed_until") + "]";
  return text;
}

std::string line_of(const json& alert) {
  return text_of(alert, "incident_id") + "  " + text_of(alert, "status") + "  " + text_of(alert, "severity") + "  " +
         text_of(alert, "summary") + answer_of(alert);
}

// `untold`: ids of incidents that were, or would be, told to nobody.
bool is_untold(const json& untold, const json& alert) {
  return std::find(untold.begin(), untold.end(), alert.value("incident_id", json())) != untold.end();
}

std::string told_line_of(const json& untold, const json& alert) {
  return line_of(alert) + (is_untold(untold, alert) ? "  [silenced]" : "");
}

// What /api/v1/shadow says of them: `side` is "live" or "shadow".
json untold_of(const json& diff, const char* side) {
  return diff.value("untold", json::object()).value(side, json::array());
}

// How the same incident would be told otherwise; empty: in no way that matters.
std::string difference_of(const json& diff, const json& live, const json& shadow) {
  std::string text;
  const bool untold = is_untold(untold_of(diff, "shadow"), shadow);
  if (untold != is_untold(untold_of(diff, "live"), live)) text = untold ? "silenced" : "not silenced";
  const auto differs = [&](const char* key, const std::string& words) {
    if (text_of(live, key) == text_of(shadow, key)) return;
    text += (text.empty() ? "" : ", ") + words + text_of(shadow, key) + " instead of " + text_of(live, key);
  };
  differs("severity", "");
  differs("detector", "led by ");
  differs("detected_at", "told at ");
  return text;
}

std::string instead_of(const json& diff, const char* what) {
  const json counts = diff.value(what, json::object());
  return std::string(what) + ": " + std::to_string(counts.value("shadow", 0)) + " instead of " +
         std::to_string(counts.value("live", 0));
}

// The one incident whose id begins with `id`; the daemon answers for whole ids only.
core::Result<json> find_alert(const DaemonAddress& daemon, const std::string& id) {
  const auto answer = ask(daemon, "/api/v1/alerts?limit=500");
  if (!answer) return answer.error();
  std::vector<json> found;
  for (const auto& alert : answer->value("alerts", json::array())) {
    if (!id.empty() && text_of(alert, "incident_id").starts_with(id)) found.push_back(alert);
  }
  if (found.size() == 1) return found.front();
  return core::fail(core::ErrorCode::usage, "incident " + core::escape_for_log(id, 64) +
                                                (found.empty() ? ": there is none of this id; `costdrift alerts list "
                                                                 "--all` shows those that are known"
                                                               : ": several begin like this; give more digits"));
}

core::Result<Action> action_of(ActionKind kind, const ActionOptions& options) {
  json request = {{"action", action_name(kind)}};
  for (const auto& [key, value] :
       {std::pair("incident", options.incident), std::pair("silence", options.silence), std::pair("for", options.lasts),
        std::pair("note", options.note), std::pair("change", options.change), std::pair("kind", options.kind),
        std::pair("when", options.when), std::pair("up_to", options.up_to)}) {
    if (!value.empty()) request[key] = value;
  }
  const char* user = std::getenv("USER");
  const std::string by = !options.by.empty() ? options.by : user == nullptr ? "" : user;
  if (!by.empty()) request["by"] = by;
  if (!options.expect.empty()) request["expect"] = options.expect;
  for (const auto& label : options.match) {
    const auto equals = label.find('=');
    if (equals == std::string::npos) {
      return core::fail(core::ErrorCode::usage, "--match \"" + core::escape_for_log(label) + "\": write label=value");
    }
    request["match"][label.substr(0, equals)] = label.substr(equals + 1);
  }
  return parse_action(request.dump(-1, ' ', false, json::error_handler_t::replace));
}

}  // namespace

int alerts_list_command(const AlertsListOptions& options) {
  const auto answer =
      ask(options.daemon, std::string("/api/v1/alerts?limit=500") + (options.all ? "" : "&status=firing") +
                              (options.shadow ? "&shadow=true" : ""));
  if (!answer) return report(answer.error());
  const json alerts = answer->value("alerts", json::array());
  const json untold = answer->value("untold", json::array());
  for (const auto& alert : alerts) std::cout << told_line_of(untold, alert) << '\n';
  if (alerts.empty()) std::cout << (options.all ? "no incidents\n" : "no open incidents\n");
  return 0;
}

int alerts_diff_command(const DaemonAddress& daemon) {
  const auto diff = ask(daemon, "/api/v1/shadow");
  if (!diff) return report(diff.error());
  for (const auto& alert : diff->value("only_shadow", json::array())) {
    std::cout << "only with shadow     " << told_line_of(untold_of(*diff, "shadow"), alert) << '\n';
  }
  for (const auto& alert : diff->value("only_live", json::array())) {
    std::cout << "only without shadow  " << told_line_of(untold_of(*diff, "live"), alert) << '\n';
  }
  for (const auto& both : diff->value("both", json::array())) {
    const json live = both.value("live", json::object()), shadow = both.value("shadow", json::object());
    const std::string difference = difference_of(*diff, live, shadow);
    if (!difference.empty()) std::cout << "otherwise            " << line_of(shadow) << "  [" << difference << "]\n";
  }
  std::string detectors;
  for (const auto& name : diff->value("detectors", json::array())) {
    if (name.is_string()) detectors += (detectors.empty() ? "" : ", ") + name.get<std::string>();
  }
  std::cout << "with " << core::escape_for_log(detectors) << " on: " << instead_of(*diff, "pages") << ", "
            << instead_of(*diff, "tickets") << ", of open incidents and those that ended in the last two days\n";
  return 0;
}

int alerts_show_command(const AlertsShowOptions& options) {
  const auto alert = find_alert(options.daemon, options.incident);
  if (!alert) return report(alert.error());
  std::cout << alert->dump(2, ' ', true, json::error_handler_t::replace) << '\n';
  return 0;
}

int action_command(ActionKind kind, const ActionOptions& options) {
  const auto action = action_of(kind, options);
  if (!action) return report(action.error());
  const auto client = DaemonClient::make(options.daemon);
  if (!client) return report(client.error());
  const auto done = client->post_action(to_json(*action));
  if (!done) return report(done.error());
  std::cout << core::escape_for_log(*done, 4096) << '\n';
  return 0;
}

int silence_list_command(const DaemonAddress& daemon) {
  const auto answer = ask(daemon, "/api/v1/silences");
  if (!answer) return report(answer.error());
  const json silences = answer->value("silences", json::array());
  for (const auto& silence : silences) {
    std::cout << text_of(silence, "id") << "  until " << text_of(silence, "until") << "  "
              << one_line_of(silence, "match") << "  " << text_of(silence, "by") << "  " << text_of(silence, "note")
              << '\n';
  }
  if (silences.empty()) std::cout << "no silences\n";
  return 0;
}

int changes_list_command(const DaemonAddress& daemon) {
  const auto answer = ask(daemon, "/api/v1/changes");
  if (!answer) return report(answer.error());
  const json changes = answer->value("changes", json::array());
  for (const auto& change : changes) {
    std::cout << text_of(change, "id") << "  " << text_of(change, "at") << "  " << text_of(change, "kind") << "  "
              << one_line_of(change, "match");
    if (!change.value("expect", json::array()).empty()) {
      std::cout << "  expects " << one_line_of(change, "expect") << " until " << text_of(change, "until");
    }
    std::cout << "  " << text_of(change, "by") << "  " << text_of(change, "note") << '\n';
  }
  if (changes.empty()) std::cout << "no declared changes\n";
  return 0;
}

}  // namespace costdrift::daemon
