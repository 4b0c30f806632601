#include "tests/support/webhook_bench.h"

#include "sinks/webhook.h"
#include "tests/support/await.h"

namespace costdrift::tests {
namespace {

daemon::SinkSetup setup_of(const WebhookBench::Target& target, const core::Clock& clock) {
  daemon::SinkSetup setup{.name = target.name,
                          .type = "webhook",
                          .sink = nullptr,
                          .min_interval = target.min_interval,
                          .burst = target.burst,
                          .http = sinks::make_curl_client({.total_timeout = target.patience})};
  config::Values values;
  values.set("url", target.url);
  values.set("url_file", std::string());
  values.set("signing_secret_file", std::string());
  values.set("allow_http", false);
  auto sink = sinks::webhook_spec.make(values, {setup.http.get(), &clock, "costdrift:test"});
  if (!sink) core::bug(sink.error().message.c_str());
  setup.sink = *std::move(sink);
  return setup;
}

}  // namespace

WebhookBench::WebhookBench(const std::vector<Target>& targets, int storm_limit)
    : store_(std::move(*state::Store::open("bench", {.in_memory = true}))),
      table_(std::make_unique<state::DeliveryTable>(*store_)),
      sinks_(targets.size()) {
  std::vector<daemon::SinkSetup> setups;
  for (const Target& target : targets) setups.push_back(setup_of(target, clock));
  delivery_ = std::make_unique<daemon::Delivery>(std::move(setups), *table_, clock, &clock, storm_limit);
}

WebhookBench::~WebhookBench() = default;

void WebhookBench::want(const std::string& sink, const std::string& incident_id, std::int64_t version) {
  core::Notification notification;
  notification.event.incident_id = incident_id;
  notification.event.version = version;
  notification.event.summary = "a test alert " + std::string(400, 'x');
  delivery_->want(sink, std::move(notification));
}

daemon::SinkStatistics WebhookBench::statistics(const std::string& sink) const {
  for (daemon::SinkStatistics& one : delivery_->statistics()) {
    if (one.name == sink) return one;
  }
  core::bug("test: no such sink");
}

bool WebhookBench::await_idle(const std::string& sink, std::chrono::milliseconds patience) const {
  return await([&] { return statistics(sink).pending == 0; }, patience);
}

}  // namespace costdrift::tests
