#include "sinks/pagerduty.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/settings.h"
#include "core/text.h"
#include "sinks/fields.h"
#include "sinks/http_outcome.h"
#include "sinks/message.h"

namespace costdrift::sinks {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxSummary = 1024, kMaxBody = 512'000, kMaxLabels = 32;
constexpr core::Duration kRateLimitPause = core::minutes(1);  // PagerDuty asks to back off for minutes

constexpr HttpService kService = {"PagerDuty", "routing_key_file and url"};

constexpr config::FieldSpec kFields[] = {
    secret_field("routing_key_file", Need::required,
                 "File that holds the integration key (32 characters) of a service or event orchestration."),
    text_field("url", "https://events.pagerduty.com/v2/enqueue",
               "Address of the Events API; accounts in the EU use https://events.eu.pagerduty.com/v2/enqueue."),
};

std::string severity_of(core::Severity severity) {
  switch (severity) {
    case core::Severity::info:
      return "info";
    case core::Severity::warning:
      return "warning";
    case core::Severity::critical:
      return "critical";
  }
  core::bug("severity out of range");
}

Json details_of(const core::AlertEvent& event, const Message& message) {
  Json details = Json::object();
  for (const Fact& fact : message.facts) details[fact.name] = fact.value;
  if (!message.also.empty()) details["Also seen by"] = message.also;
  details["Next"] = message.next;
  if (!message.replay.empty()) details["Replay"] = message.replay;
  Json labels = Json::object();
  for (const auto& [dimension, value] : event.labels) {
    if (labels.size() < kMaxLabels) labels[std::string(core::dimension_name(dimension))] = one_line(value);
  }
  details["Labels"] = labels;
  details["Incident"] = message.identity;
  return details;
}

Json payload_of(const core::AlertEvent& event, const Message& message, const std::string& source) {
  Json payload = {{"summary", core::truncate_code_points(message.summary, kMaxSummary)},
                  {"source", source},
                  {"severity", severity_of(event.severity)},
                  {"timestamp", core::format_rfc3339(event.detected_at)}};
  const auto add = [&payload](const char* name, const std::string& value) {
    if (!value.empty()) payload[name] = value;
  };
  const std::string team = label_of(event, core::Dimension::team);
  add("component", label_of(event, core::Dimension::model));
  add("group", team.empty() ? label_of(event, core::Dimension::app) : team);
  add("class", one_line(event.detector));
  return payload;
}

Json links_of(const Message& message) {
  Json links = Json::array();
  if (!message.incident_url.empty()) links.push_back({{"href", message.incident_url}, {"text", "Incident"}});
  if (!message.runbook_url.empty()) links.push_back({{"href", message.runbook_url}, {"text", "Runbook"}});
  return links;
}

std::string write(const Json& body) { return body.dump(-1, ' ', false, Json::error_handler_t::replace); }

// What PagerDuty says is wrong with the event: {"message": ..., "errors": [...]}.
std::string described_errors(const std::string& body) {
  const Json reply = Json::parse(body, nullptr, false);
  if (!reply.is_object()) return {};
  std::string text;
  const auto add = [&text](const Json& value) {
    if (value.is_string()) text += (text.empty() ? "" : "; ") + value.get<std::string>();
  };
  if (reply.contains("message")) add(reply["message"]);
  if (reply.contains("errors") && reply["errors"].is_array()) {
    for (const Json& error : reply["errors"]) add(error);
  }
  return text;
}

class PagerdutySink final : public Sink {
 public:
  PagerdutySink(std::string routing_key, std::string url, const SinkContext& context)
      : routing_key_(std::move(routing_key)), url_(std::move(url)), context_(context) {}

  Outcome deliver(const core::Notification& notification) override {
    if (notification.action == core::NotificationAction::resolve) {
      return judge(post(write(envelope("resolve", notification.event))));
    }
    // Each trigger with a key of its own may wake somebody, whatever its severity.
    if (notification.event.told_by) return Delivered{};
    HttpReply reply = post(trigger_body(notification.event, true));
    // A malformed or too large detail must not cost the page.
    if (reply.status == 400 || reply.status == 413) reply = post(trigger_body(notification.event, false));
    return judge(reply);
  }

 private:
  Json envelope(const char* action, const core::AlertEvent& event) const {
    return {{"routing_key", routing_key_}, {"event_action", action}, {"dedup_key", "costdrift/" + event.incident_id}};
  }

  std::string trigger_body(const core::AlertEvent& event, bool with_details) const {
    const Message message = describe(event);
    Json body = envelope("trigger", event);
    body["client"] = "costdrift";
    if (!message.incident_url.empty()) body["client_url"] = message.incident_url;
    body["payload"] = payload_of(event, message, context_.sender);
    const Json links = links_of(message);
    if (!links.empty()) body["links"] = links;
    const std::string bare = write(body);
    if (!with_details) return bare;
    body["payload"]["custom_details"] = details_of(event, message);
    std::string full = write(body);
    return full.size() <= kMaxBody ? full : bare;
  }

  HttpReply post(std::string body) {
    HttpRequest request;
    request.url = url_;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = std::move(body);
    return context_.http->post(request);
  }

  Outcome judge(const HttpReply& reply) const {
    Outcome outcome =
        judge_reply(reply, kService, *context_.clock, safe_detail(described_errors(reply.body), routing_key_));
    if (auto* retry = std::get_if<Retry>(&outcome); retry != nullptr && reply.status == 429) {
      retry->after = std::max(retry->after, kRateLimitPause);
    }
    return outcome;
  }

  const std::string routing_key_;
  const std::string url_;
  const SinkContext context_;
};

core::Result<std::unique_ptr<Sink>> make(const config::Values& values, const SinkContext& context) {
  core::Result<std::string> key = config::read_secret(values.text("routing_key_file"));
  if (!key) return key.error();
  const std::string& url = values.text("url");
  if (const auto checked = check_url(url, "url"); !checked) return checked.error();
  return std::unique_ptr<Sink>(std::make_unique<PagerdutySink>(*key, url, context));
}

}  // namespace

const SinkSpec pagerduty_spec = {
    .summary = "PagerDuty Events API v2",
    .fields = kFields,
    .min_interval = core::seconds(1),
    .burst = 10,
    .make = &make,
};

}  // namespace costdrift::sinks
