#include "config/settings.h"

#include <gtest/gtest.h>

#include "tests/config/test_catalogue.h"

namespace costdrift::config {
namespace {

constexpr const char* kNewcomer = R"(
kafka:
  brokers: localhost:9092
  topics: [{name: llm.usage, format: canonical}]
state: {path: /var/lib/costdrift}
pages: {false_pages_per_week: 1, min_effect: 10%, min_usd_per_hour: 5}
sinks:
  finops: {type: slack, webhook_url_file: /run/secrets/slack}
  oncall: {type: pagerduty, routing_key_file: /run/secrets/pagerduty}
routes:
  - {when: {severity: critical}, send: [oncall, finops]}
  - {send: [finops]}
)";

TEST(Settings, LoadTheConfigurationOfANewcomer) {
  const auto settings = load_text(kNewcomer);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->source_path, "c.yaml");
  EXPECT_EQ(settings->kafka.brokers, "localhost:9092");
  ASSERT_EQ(settings->kafka.topics.size(), 1u);
  EXPECT_EQ(settings->kafka.topics[0].name, "llm.usage");
  EXPECT_EQ(settings->state.path, "/var/lib/costdrift");
  EXPECT_DOUBLE_EQ(settings->pages.min_effect, 0.10);
  ASSERT_EQ(settings->sinks.size(), 2u);
  EXPECT_EQ(settings->sinks[0].name, "finops");
  EXPECT_EQ(settings->sinks[0].values.text("webhook_url_file"), "/run/secrets/slack");
  EXPECT_EQ(settings->sinks[1].type, "pagerduty");
  EXPECT_EQ(settings->sinks[1].values.text("url"), "https://events.pagerduty.com/v2/enqueue");
  ASSERT_EQ(settings->routes.size(), 2u);
  EXPECT_EQ(settings->routes[0].severity, core::Severity::critical);
  EXPECT_EQ(settings->routes[0].send, (std::vector<std::string>{"oncall", "finops"}));
  EXPECT_FALSE(settings->routes[1].severity);
}

TEST(Settings, KeepTheirDefaultsWhereTheFileSaysNothing) {
  const auto settings = load_text(kRequired);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->time.bucket, core::seconds(5));
  EXPECT_EQ(settings->kafka.start_from, "earliest");
  EXPECT_EQ(settings->kafka.topics[0].format, "canonical");
  EXPECT_EQ(settings->http.listen, "127.0.0.1:8321");
  EXPECT_EQ(settings->limits.max_series, 200'000);
  EXPECT_TRUE(settings->routes.empty());
}

TEST(Settings, TakeEveryFieldOfTheSections) {
  const auto settings = load_text(kRequired + R"(
time: {bucket: 10s, out_of_orderness: 1m, idle_timeout: 90s, max_future_skew: 1m, dedup_window: 0s, run_timeout: 1h30m}
pages: {false_pages_per_week: 0.5, min_effect: 0.25, min_usd_per_hour: 1, critical_usd_per_hour: 9, resolve_after_silence: 2d, group_within: 5m}
prices: {path: /p.json, aliases: {ours: gpt-4o}}
http: {listen: '0.0.0.0:80', token_file: /t, public_url: https://c.example}
log: {level: debug, format: json}
limits: {max_series: 7, max_message_bytes: 2048, max_incidents_kept: 9}
runbook_url: https://w/{detector}
config_version: 1
)");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->time.bucket, core::seconds(10));
  EXPECT_EQ(settings->time.dedup_window, core::Duration{});
  EXPECT_EQ(settings->time.run_timeout, core::minutes(90));
  EXPECT_EQ(settings->pages.false_pages_per_week, 0.5);
  EXPECT_EQ(settings->pages.min_effect, 0.25);
  EXPECT_EQ(settings->pages.resolve_after_silence, core::days(2));
  EXPECT_EQ(settings->pages.group_within, core::minutes(5));
  EXPECT_EQ(settings->prices.aliases.at("ours"), "gpt-4o");
  EXPECT_EQ(settings->http.token_file, "/t");
  EXPECT_EQ(settings->log.format, "json");
  EXPECT_EQ(settings->limits.max_incidents_kept, 9);
  EXPECT_EQ(settings->runbook_url, "https://w/{detector}");
}

TEST(Settings, TakePartitionsAndPropertiesOfKafka) {
  const auto settings = load_text(
      "kafka:\n  brokers: b:1\n  topics: [{name: t}]\n  partitions: [0, 3]\n  start_from: latest\n"
      "  properties: {security.protocol: ssl}\nstate: {path: s}\nsinks: {}\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->kafka.partitions, (std::vector<std::int32_t>{0, 3}));
  EXPECT_EQ(settings->kafka.start_from, "latest");
  EXPECT_EQ(settings->kafka.properties.at("security.protocol"), "ssl");
}

TEST(Settings, HoldEveryDetectorOfTheCatalogueInItsOrder) {
  const auto settings = load_text(kRequired + "detectors: {retry_rate: false}\n");
  ASSERT_TRUE(settings) << settings.error().message;
  ASSERT_EQ(settings->detectors.size(), 2u);
  EXPECT_EQ(settings->detectors[0].name, "prompt_growth");
  EXPECT_TRUE(settings->detectors[0].enabled);
  EXPECT_DOUBLE_EQ(settings->detectors[0].values.number("min_effect"), 0.15);
  EXPECT_EQ(settings->detectors[0].values.list("tiers"), (std::vector<std::string>{"gold", "silver"}));
  EXPECT_EQ(settings->detectors[0].values.text("mode"), "");
  EXPECT_EQ(settings->detectors[0].values.integer("hard_limit"), 0);
  EXPECT_EQ(settings->detectors[0].values.duration("window"), core::hours(2));
  EXPECT_FALSE(settings->detectors[1].enabled);
}

TEST(Settings, TakeFieldsAndEnabledOfADetector) {
  const auto settings =
      load_text(kRequired +
                "detectors:\n  prompt_growth: {enabled: false, tiers: gold, mode: slow, hard_limit: 9}\n"
                "  retry_rate: true\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_FALSE(settings->detectors[0].enabled);
  EXPECT_EQ(settings->detectors[0].values.list("tiers"), std::vector<std::string>{"gold"});
  EXPECT_EQ(settings->detectors[0].values.text("mode"), "slow");
  EXPECT_EQ(settings->detectors[0].values.integer("hard_limit"), 9);
  EXPECT_TRUE(settings->detectors[1].enabled);
}

TEST(Settings, RouteByDetectorAndLabelsToOneNameOrNobody) {
  const auto settings = load_text(kRequired +
                                  "routes:\n  - {when: {detector: retry_rate, team: cx, env: prod}, send: oncall}\n"
                                  "  - {when: {env: dev}, send: []}\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->routes[0].detector, "retry_rate");
  EXPECT_EQ(settings->routes[0].labels, (std::map<std::string, std::string>{{"env", "prod"}, {"team", "cx"}}));
  EXPECT_EQ(settings->routes[0].send, std::vector<std::string>{"oncall"});
  EXPECT_TRUE(settings->routes[1].send.empty());
}

TEST(Settings, MayHaveNoSinkOnPurpose) {
  const auto settings =
      load_text("kafka: {brokers: b, topics: [{name: t}]}\nstate: {path: s}\nsinks: {}\ntime:\ndetectors:\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_TRUE(settings->sinks.empty());
}

TEST(Settings, ResolveAliases) {
  const auto settings =
      load_text(kRequired + "routes:\n  - {when: {env: dev}, send: &all [finops, oncall]}\n  - {send: *all}\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->routes[1].send, (std::vector<std::string>{"finops", "oncall"}));
}

}  // namespace
}  // namespace costdrift::config
