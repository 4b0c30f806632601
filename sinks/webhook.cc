#include "sinks/webhook.h"

#include "config/settings.h"
#include "core/alert_event_json.h"
#include "sinks/fields.h"
#include "sinks/http_outcome.h"

namespace costdrift::sinks {
namespace {

constexpr HttpService kService = {"the webhook receiver", "url or url_file"};

constexpr config::FieldSpec kFields[] = {
    text_field("url", "", "Address of the receiver, when it holds no secret; otherwise use url_file."),
    secret_field("url_file", Need::optional, "File that holds the address of the receiver."),
    secret_field("signing_secret_file", Need::optional,
                 "File that holds a Standard Webhooks secret (whsec_...); absent: messages are not signed."),
    flag_field("allow_http", false,
               "Allow an http:// address on another host, in a network where nobody else can listen."),
};

struct WebhookOptions {
  std::string url;
  std::string signing_key;  // empty: not signed
  bool allow_http = false;
};

// Event time of what the message tells.
core::EventTime happened_at(const core::AlertEvent& event) {
  switch (event.status) {
    case core::AlertStatus::firing:
    case core::AlertStatus::updated:
      return event.updated_at;
    case core::AlertStatus::resolved:
    case core::AlertStatus::retracted:
      return event.resolved_at.value_or(event.updated_at);
  }
  core::bug("alert status out of range");
}

std::string body_of(const core::AlertEvent& event) {
  return "{\"type\":\"alert." + std::string(core::status_name(event.status)) + "\",\"timestamp\":\"" +
         core::format_rfc3339(happened_at(event)) + "\",\"data\":" + core::to_json(event) + "}";
}

class WebhookSink final : public Sink {
 public:
  WebhookSink(WebhookOptions options, const SinkContext& context) : options_(std::move(options)), context_(context) {}

  Outcome deliver(const core::Notification& notification) override {
    const std::int64_t now_s = context_.clock->wall_now().us / 1'000'000;
    HttpRequest request;
    request.url = options_.url;
    request.allow_http = options_.allow_http;
    request.body = body_of(notification.event);
    request.headers = {{"Content-Type", "application/json"},
                       {"webhook-id", notification.id()},
                       {"webhook-timestamp", std::to_string(now_s)}};
    if (!options_.signing_key.empty()) {
      request.headers.emplace_back("webhook-signature",
                                   sign_webhook(options_.signing_key, notification.id(), now_s, request.body));
    }
    return judge_reply(context_.http->post(request), kService, *context_.clock);
  }

 private:
  const WebhookOptions options_;
  const SinkContext context_;
};

core::Result<std::string> read_url(const config::Values& values) {
  const std::string& url = values.text("url");
  const std::string& file = values.text("url_file");
  if (url.empty() == file.empty()) {
    return core::fail(core::ErrorCode::config, "a webhook needs its address either in url or in url_file: set one");
  }
  if (!url.empty()) return url;
  return config::read_secret(file);
}

core::Result<std::unique_ptr<Sink>> make(const config::Values& values, const SinkContext& context) {
  WebhookOptions options;
  core::Result<std::string> url = read_url(values);
  if (!url) return url.error();
  options.url = *url;
  options.allow_http = values.boolean("allow_http");
  if (const auto checked = check_url(options.url, "the webhook's address", options.allow_http); !checked) {
    return checked.error();
  }
  if (const std::string& file = values.text("signing_secret_file"); !file.empty()) {
    core::Result<std::string> secret = config::read_secret(file);
    if (!secret) return secret.error();
    core::Result<std::string> key = decode_signing_secret(*secret);
    if (!key) return key.error();
    options.signing_key = *key;
  }
  return std::unique_ptr<Sink>(std::make_unique<WebhookSink>(std::move(options), context));
}

}  // namespace

const SinkSpec webhook_spec = {
    .summary = "Any HTTP receiver, by the Standard Webhooks convention; the body holds the alert event",
    .fields = kFields,
    .min_interval = core::milliseconds(100),
    .burst = 10,
    .make = &make,
};

}  // namespace costdrift::sinks
