#include "daemon/alerts_command.h"

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "core/text.h"
#include "daemon/commands.h"
#include "daemon/daemon_client.h"

namespace costdrift::daemon {
namespace {

using nlohmann::json;

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

std::string answer_of(const json& alert) {
  std::string text;
  if (!text_of(alert, "acknowledged_at").empty()) {
    const std::string by = text_of(alert, "acknowledged_by");
    text += "  [acknowledged" + (by.empty() ? "" : " by " + by) + "]";
  }
  if (!text_of(alert, "snoozed_until").empty()) text += "  [snoozed until " + text_of(alert, "snoozed_until") + "]";
  return text;
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
  for (const auto& [key, value] : {std::pair("incident", options.incident), std::pair("silence", options.silence),
                                   std::pair("for", options.lasts), std::pair("note", options.note)}) {
    if (!value.empty()) request[key] = value;
  }
  const char* user = std::getenv("USER");
  const std::string by = !options.by.empty() ? options.by : user == nullptr ? "" : user;
  if (!by.empty()) request["by"] = by;
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
      ask(options.daemon, std::string("/api/v1/alerts?limit=500") + (options.all ? "" : "&status=firing"));
  if (!answer) return report(answer.error());
  const json alerts = answer->value("alerts", json::array());
  for (const auto& alert : alerts) {
    std::cout << text_of(alert, "incident_id") << "  " << text_of(alert, "status") << "  " << text_of(alert, "severity")
              << "  " << text_of(alert, "summary") << answer_of(alert) << '\n';
  }
  if (alerts.empty()) std::cout << (options.all ? "no incidents\n" : "no open incidents\n");
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
              << silence.value("match", json::object()).dump(-1, ' ', true, json::error_handler_t::replace) << "  "
              << text_of(silence, "by") << "  " << text_of(silence, "note") << '\n';
  }
  if (silences.empty()) std::cout << "no silences\n";
  return 0;
}

}  // namespace costdrift::daemon
