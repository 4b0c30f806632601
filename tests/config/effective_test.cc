#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "config/sections.h"
#include "tests/config/test_catalogue.h"

namespace costdrift::config {
namespace {

// Fields as printed and read again; every field differs from its default.
constexpr const char* kEverything = R"(
kafka:
  brokers: "b:1, 'c': \"d\" # no comment"
  topics: [{name: "t: 1", format: canonical}, {name: ünï}, {name: "~"}]
  group_id: "null"
  start_from: latest
  properties: {client.id: "$${X} %", "odd: name": " spaced "}
state: {path: "a\nb", commit_interval: 1s500ms, min_free_mib: 0}
time: {bucket: 1m, out_of_orderness: 0s, idle_timeout: 1m1s, max_future_skew: 1ms, dedup_window: 6d, run_timeout: 7m}
pages: {false_pages_per_week: 0.3, min_effect: 0.123456789, min_usd_per_hour: 1e-7, critical_usd_per_hour: 123456789.5, resolve_after_silence: 36h, group_within: 90m}
prices: {path: "-", aliases: {a: "true", "*b": "&c"}}
http: {listen: "[::1]:0", token_file: "/t x", public_url: "https://c/?a=b#c"}
log: {level: error, format: text}
limits: {max_series: 3, max_message_bytes: 1024, max_incidents_kept: 5}
detectors:
  prompt_growth: {enabled: false, shadow: true, min_effect: 33.3%, tiers: [], mode: slow, hard_limit: 12, window: 90m}
sinks:
  a.b: {type: webhook, url: "http://x/$$", allow_http: true}
  "~": {type: slack, webhook_url_file: /s}
routes:
  - {when: {severity: warning, detector: retry_rate, team: "a, b", agent: x}, send: [a.b, "~"]}
  - {when: {env: dev}, send: []}
runbook_url: https://w/{detector}
)";

void expect_equal(const Settings& a, const Settings& b) {
  for (const Section& section : sections()) EXPECT_EQ(values_of(section, a), values_of(section, b)) << section.name;
  ASSERT_EQ(a.detectors.size(), b.detectors.size());
  for (std::size_t i = 0; i < a.detectors.size(); ++i) {
    EXPECT_EQ(a.detectors[i].name, b.detectors[i].name);
    EXPECT_EQ(a.detectors[i].enabled, b.detectors[i].enabled);
    EXPECT_EQ(a.detectors[i].shadow, b.detectors[i].shadow);
    EXPECT_EQ(a.detectors[i].values, b.detectors[i].values);
  }
  ASSERT_EQ(a.sinks.size(), b.sinks.size());
  for (std::size_t i = 0; i < a.sinks.size(); ++i) {
    EXPECT_EQ(a.sinks[i].name, b.sinks[i].name);
    EXPECT_EQ(a.sinks[i].type, b.sinks[i].type);
    EXPECT_EQ(a.sinks[i].values, b.sinks[i].values);
  }
}

TEST(Effective, LoadsToTheSameSettings) {
  for (const std::string& yaml : {kRequired, std::string(kEverything)}) {
    const auto settings = load_text(yaml);
    ASSERT_TRUE(settings) << settings.error().message;
    const std::string printed = print_effective(*settings, test_catalogue());
    const auto again = load_text(printed);
    ASSERT_TRUE(again) << again.error().message << "\n" << printed;
    expect_equal(*settings, *again);
    EXPECT_EQ(print_effective(*again, test_catalogue()), printed);
  }
}

TEST(Effective, ReadsLikeAFileWrittenByHand) {
  const auto settings = load_text(
      "kafka: {brokers: b:1, topics: [{name: t}]}\nstate: {path: /s}\n"
      "sinks: {finops: {type: pagerduty, routing_key_file: /k}}\nroutes: [{when: {severity: info}, send: finops}]\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(print_effective(*settings, test_catalogue()), R"(config_version: 1
kafka:
  brokers: b:1
  topics:
    - {name: t, format: canonical}
  group_id: ""
  partitions: []
  start_from: earliest
  on_log_change: stop
  dead_letter_topic: ""
  properties: {}
state:
  path: /s
  commit_interval: 250ms
  min_free_mib: 256
  ballast_mib: 64
time:
  bucket: 5s
  out_of_orderness: 2m
  idle_timeout: 1m
  max_future_skew: 5m
  dedup_window: 15m
  run_timeout: 30m
pages:
  false_pages_per_week: 1
  min_effect: 10%
  min_usd_per_hour: 5
  critical_usd_per_hour: 50
  resolve_after_silence: 1d
  group_within: 30m
prices:
  path: ""
  aliases: {}
http:
  listen: 127.0.0.1:8321
  token_file: ""
  public_url: ""
dead_man_switch:
  url_file: ""
  every: 1m
log:
  level: info
  format: auto
limits:
  max_series: 200000
  max_message_bytes: 262144
  max_incidents_kept: 10000
  incidents_per_minute: 20
  ticket_ttl: 1d
detectors:
  prompt_growth:
    enabled: true
    shadow: false
    min_effect: 15%
    tiers: [gold, silver]
    mode: ~
    hard_limit: ~
    window: 2h
  retry_rate:
    enabled: true
    shadow: false
sinks:
  finops:
    type: pagerduty
    routing_key_file: /k
    url: https://events.pagerduty.com/v2/enqueue
routes:
  - {when: {severity: info}, send: [finops]}
runbook_url: ""
)");
}

TEST(Effective, HidesSecrets) {
  ::setenv("COSTDRIFT_TEST_PASSWORD", "hunter2", 1);
  const auto settings = load_text(
      "kafka:\n  brokers: b\n  topics: [{name: t}]\n"
      "  properties:\n    sasl.username: bob\n    sasl.password: '${COSTDRIFT_TEST_PASSWORD}'\n"
      "    ssl.key.password: hunter2\n    ssl.key.pem: hunter2\n    SASL.Client.SECRET: hunter2\n"
      "state: {path: s}\nsinks: {w: {type: webhook, header_value: Bearer hunter2}}\n");
  ::unsetenv("COSTDRIFT_TEST_PASSWORD");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->kafka.properties.at("sasl.password"), "hunter2");
  EXPECT_EQ(settings->sinks[0].values.text("header_value"), "Bearer hunter2");
  const std::string printed = print_effective(*settings, test_catalogue());
  EXPECT_EQ(printed.find("hunter2"), std::string::npos) << printed;
  EXPECT_NE(printed.find("sasl.username: bob\n"), std::string::npos);
  EXPECT_NE(printed.find("sasl.password: <secret>\n"), std::string::npos);
  EXPECT_NE(printed.find("header_value: <secret>\n"), std::string::npos);
}

TEST(Effective, ErrorsHideSecretsToo) {
  const std::string problems = problems_of(
      "kafka:\n  brokers: b\n  topics: [{name: t}]\n  properties: {sasl.password: [hunter2], x.key: 'a${hunter2'}\n"
      "state: {path: s}\nhttp: {token_file: 'https://x/hunter2'}\n"
      "sinks:\n  s: {type: slack, webhook_url: https://hooks.slack.com/hunter2, webhook_url_file: https://x/hunter2}\n"
      "  p: {type: pagerduty, routing_key: hunter2}\n  w: {type: webhook, header_value: [hunter2]}\n");
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n') + 1, 8) << problems;
  EXPECT_EQ(problems.find("hunter2"), std::string::npos) << problems;
}

}  // namespace
}  // namespace costdrift::config
