#include "tests/support/sink_setup.h"

#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

namespace costdrift::tests {
namespace {

using core::AlertStatus;
using core::Dimension;

core::EventTime at(const char* rfc3339) { return *core::parse_rfc3339(rfc3339); }

void set_place_and_time(core::AlertEvent& event) {
  event.incident_id = "9f2c6a1e4d7b8c309f2c6a1e4d7b8c30";
  event.detector = "prompt_growth";
  event.series = core::SeriesKey::of({{Dimension::app, "support-bot"}, {Dimension::model, "gpt-4o"}});
  event.labels = {
      {Dimension::app, "support-bot"}, {Dimension::model, "gpt-4o"}, {Dimension::team, "cx"}, {Dimension::env, "prod"}};
  event.onset = at("2026-03-02T14:05:00Z");
  event.onset_earliest = at("2026-03-02T14:01:00Z");
  event.onset_latest = at("2026-03-02T14:07:00Z");
  event.detected_at = at("2026-03-02T14:20:00Z");
  event.updated_at = event.detected_at;
}

void set_change_and_money(core::AlertEvent& event) {
  event.unit = "tokens/call";
  event.quantity = "input tokens per call";
  event.expected = 1980;
  event.observed = 2592;
  event.effect = 0.31;
  event.effect_low = 0.28;
  event.effect_high = 0.34;
  event.log10_evidence = 7.3;
  event.usd_so_far = 41.2;
  event.usd_per_hour = 38.0;
  event.usd_per_month = 27360;
  event.usd_split[static_cast<int>(core::CostPart::input)] = 35.0;
  event.usd_split[static_cast<int>(core::CostPart::volume)] = 3.0;
}

void set_explanation(core::AlertEvent& event) {
  event.drivers = {{Dimension::use_case, "rag-search", 0.94}};
  event.owner_team = "cx";
  event.owner = "ana";
  event.cost_center = "CC-1204";
  event.calls = 1840;
  event.samples = {{core::NanoUsd{31'000'000}, "llm.usage", 3, 991, "4bf92f3577b34da6a3ce929d0e0e4736", "run-17"}};
  event.also = {{"output_growth", event.onset, "output tokens per call", "tokens/call", 300, 402, 0.34, 4.0}};
  event.summary =
      "support-bot / gpt-4o: input tokens per call 2,592, expected 1,980 (+31 %) since 14:05 UTC; $38 an hour, $27k a "
      "month at this rate; 94 % of it is use case rag-search";
  event.quiet_if = "effect below 10 % or under $5/h";
  event.incident_url = "https://costdrift.example/incidents/9f2c6a1e4d7b8c309f2c6a1e4d7b8c30";
  event.runbook_url = "https://wiki.example/runbooks/prompt_growth?a=1&b=2";
  event.replay_command =
      "costdrift replay --config /etc/costdrift/costdrift.yaml --from 2026-03-02T13:05:00Z --to 2026-03-02T14:20:00Z";
}

std::string secret_for(std::string_view name) {
  if (name.find("url") != std::string_view::npos) return std::string(kSecretUrl);
  if (name.find("signing") != std::string_view::npos) return std::string(kSigningSecret);
  return std::string(kRoutingKey);
}

}  // namespace

core::AlertEvent sample_alert(AlertStatus status) {
  core::AlertEvent event;
  set_place_and_time(event);
  set_change_and_money(event);
  set_explanation(event);
  event.status = status;
  event.severity = core::Severity::warning;
  if (status == AlertStatus::updated) {
    event.version = 2;
    event.severity = core::Severity::critical;
    event.reason = "severity rose";
  }
  if (status == AlertStatus::resolved || status == AlertStatus::retracted) {
    event.version = 3;
    event.reason = "back at its baseline";
    event.resolved_at = at("2026-03-02T16:10:00Z");
  }
  return event;
}

core::AlertEvent hostile_alert() {
  core::AlertEvent event = sample_alert(AlertStatus::firing);
  const std::string app =
      "<!channel> \"quoted\" & 'ticks' `code`\n*bold* \xe2\x80\xaegnp.exe \xff" + std::string(4950, 'a');
  event.series = core::SeriesKey::of({{Dimension::app, app}});
  event.labels = {{Dimension::app, app}, {Dimension::team, "<@U012345>\r\nteam"}};
  event.drivers = {{Dimension::use_case, "<https://evil.example|click me>", 0.5}};
  event.declared_change = {"ab12cd34", core::ChangeKind::deploy, event.onset, "<!here> \"v7\"\n*x*", "<@U1>"};
  event.elsewhere = {.incidents = 1, .usd_per_hour = 1, .largest = {{{"0123", event.series}, 0.3, 1.0, false}}};
  event.owner_team = "<@U012345>";
  event.owner = "@here\u2028now";
  event.cost_center = "";
  event.summary = app + ": input tokens per call 2,592";
  event.runbook_url = "javascript:alert(1)";
  event.incident_url = "https://costdrift.example/<b>|x";
  return event;
}

core::Notification notification_of(core::AlertEvent event) {
  core::Notification notification;
  switch (event.status) {
    case AlertStatus::firing:
      notification.action = core::NotificationAction::trigger;
      break;
    case AlertStatus::updated:
      notification.action = core::NotificationAction::update;
      break;
    case AlertStatus::resolved:
    case AlertStatus::retracted:
      notification.action = core::NotificationAction::resolve;
      break;
  }
  notification.event = std::move(event);
  return notification;
}

sinks::HttpReply ScriptedHttp::post(const sinks::HttpRequest& request) {
  requests.push_back(request);
  if (replies.empty()) return http_reply(200, "ok");
  sinks::HttpReply reply = replies.front();
  if (replies.size() > 1) replies.pop_front();
  return reply;
}

sinks::HttpReply http_reply(int status, std::string body, std::map<std::string, std::string> headers) {
  sinks::HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers = std::move(headers);
  return reply;
}

SecretFiles::SecretFiles() {
  std::string pattern = (std::filesystem::temp_directory_path() / "costdrift-secrets-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) core::bug("test: no temporary directory");
  directory_ = pattern;
}

SecretFiles::~SecretFiles() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string SecretFiles::write(const std::string& name, const std::string& content) const {
  const std::string path = directory_ / name;
  std::ofstream(path) << content << "\n";
  chmod(path.c_str(), 0600);
  return path;
}

config::Values default_values(const sinks::SinkSpec& spec, const SecretFiles& files) {
  config::Values values;
  for (const config::FieldSpec& field : spec.fields) {
    const std::string name(field.name);
    if (field.type == config::FieldType::secret_file) {
      values.set(name, files.write(name, secret_for(field.name)));
    } else if (field.type == config::FieldType::boolean) {
      values.set(name, field.default_value == "true");
    } else if (field.type == config::FieldType::text) {
      values.set(name, std::string(field.default_value));
    } else {
      core::bug("test: default_values() does not know this type of field yet");
    }
  }
  return values;
}

}  // namespace costdrift::tests
