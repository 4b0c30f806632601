#include "sinks/slack.h"

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

// Slack: header 150, section text 3,000, field 2,000 characters, 10 fields in a section.
constexpr std::size_t kMaxHeader = 150, kMaxSection = 2900, kMaxField = 1900, kMaxFields = 10, kMaxLink = 700;

constexpr HttpService kService = {"Slack", "webhook_url_file"};

constexpr config::FieldSpec kFields[] = {
    secret_field("webhook_url_file", Need::required,
                 "File that holds the address of the incoming webhook; all of the address is secret."),
};

// verbatim: Slack must not turn names that look like links, channels or people into such.
Json mrkdwn(const std::string& text) { return {{"type", "mrkdwn"}, {"text", text}, {"verbatim", true}}; }

Json section(const std::string& text) { return {{"type", "section"}, {"text", mrkdwn(text)}}; }

Json fields_section(const Message& message) {
  Json fields = Json::array();
  for (const Fact& fact : message.facts) {
    if (fields.size() == kMaxFields) break;
    fields.push_back(mrkdwn("*" + fact.name + "*\n" + escape_mrkdwn(fact.value, kMaxField)));
  }
  return {{"type", "section"}, {"fields", fields}};
}

std::string also_text(const Message& message) {
  std::string text = "*Also seen by*";
  for (const std::string& line : message.also) text += "\n• " + escape_mrkdwn(line, kMaxSection / 8);
  return text;
}

std::string next_text(const Message& message) {
  std::string text = "*Next*\n" + escape_mrkdwn(message.next, kMaxSection / 3);
  const auto link = [&text](const std::string& url, const char* name) {
    const std::string target = escape_mrkdwn(url, 5 * url.size());
    if (url.empty() || target.size() > kMaxLink) return;  // half an address is worse than none
    text += (text.ends_with('>') ? " · " : "\n") + ("<" + target + "|" + name + ">");
  };
  link(message.incident_url, "Open the incident");
  link(message.runbook_url, "Runbook");
  return text;
}

Json context(const Message& message) {
  std::string text = "costdrift " + escape_mrkdwn(message.identity, kMaxField);
  if (!message.replay.empty()) text += "\nReplay: `" + escape_mrkdwn(message.replay, kMaxField) + "`";
  return {{"type", "context"}, {"elements", Json::array({mrkdwn(text)})}};
}

Json plain_body(const Message& message) {
  return {{"text", escape_mrkdwn(message.status + ": " + message.summary, kMaxSection)},
          {"unfurl_links", false},
          {"unfurl_media", false}};
}

Json full_body(const Message& message) {
  Json blocks = Json::array();
  const std::string header = core::truncate_code_points(message.headline, kMaxHeader);
  blocks.push_back({{"type", "header"}, {"text", {{"type", "plain_text"}, {"text", header}, {"emoji", false}}}});
  blocks.push_back(section(escape_mrkdwn(message.summary, kMaxSection)));
  blocks.push_back(fields_section(message));
  if (!message.also.empty()) blocks.push_back(section(also_text(message)));
  blocks.push_back(section(next_text(message)));
  blocks.push_back(context(message));
  Json body = plain_body(message);
  body["blocks"] = blocks;
  return body;
}

// Slack's errors are short words such as "no_service"; anything else may come from somebody in between.
std::string slack_error(const std::string& body) {
  const auto is_word = [](unsigned char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return body.size() <= 40 && std::all_of(body.begin(), body.end(), is_word) ? body : std::string();
}

class SlackSink final : public Sink {
 public:
  SlackSink(std::string url, const SinkContext& context) : url_(std::move(url)), context_(context) {}

  Outcome deliver(const core::Notification& notification) override {
    const Message message = describe(notification.event);
    HttpReply reply = post(full_body(message));
    // A malformed layout must not cost the alert.
    if (reply.status == 400 || reply.status == 413) reply = post(plain_body(message));
    return judge(reply);
  }

 private:
  HttpReply post(const Json& body) {
    HttpRequest request;
    request.url = url_;
    request.headers = {{"Content-Type", "application/json; charset=utf-8"}};
    request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    return context_.http->post(request);
  }

  Outcome judge(const HttpReply& reply) const {
    // Trying again after a 200 without "ok" might post the message twice, so it counts as refused.
    if (is_success(reply.status) && reply.body.substr(0, reply.body.find_last_not_of(" \r\n") + 1) != "ok") {
      return Rejected{"Slack answered HTTP " + std::to_string(reply.status) +
                      " without \"ok\": check that the address in webhook_url_file is that of an incoming webhook"};
    }
    return judge_reply(reply, kService, *context_.clock, safe_detail(slack_error(reply.body), url_));
  }

  const std::string url_;
  const SinkContext context_;
};

core::Result<std::unique_ptr<Sink>> make(const config::Values& values, const SinkContext& context) {
  core::Result<std::string> url = config::read_secret(values.text("webhook_url_file"));
  if (!url) return url.error();
  if (const auto checked = check_url(*url, "the content of webhook_url_file"); !checked) return checked.error();
  return std::unique_ptr<Sink>(std::make_unique<SlackSink>(*url, context));
}

}  // namespace

std::string escape_mrkdwn(std::string_view text, std::size_t max_chars) {
  static constexpr std::string_view kEllipsis = "…";
  std::string escaped;
  std::size_t fits = 0;  // the longest prefix that leaves room for the ellipsis
  for (std::size_t at = 0; at < text.size();) {
    std::size_t next = at + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xc0) == 0x80) ++next;
    const std::string_view code_point = text.substr(at, next - at);
    escaped += code_point == "&" ? "&amp;" : code_point == "<" ? "&lt;" : code_point == ">" ? "&gt;" : code_point;
    if (escaped.size() > max_chars) return escaped.substr(0, fits) + std::string(kEllipsis);
    if (escaped.size() + kEllipsis.size() <= max_chars) fits = escaped.size();
    at = next;
  }
  return escaped;
}

const SinkSpec slack_spec = {
    .summary = "Slack incoming webhook",
    .fields = kFields,
    .min_interval = core::seconds(1),
    .burst = 3,
    .make = &make,
};

}  // namespace costdrift::sinks
