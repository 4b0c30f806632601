// The exact texts of errors about one field.
#include <gtest/gtest.h>

#include "tests/config/test_catalogue.h"

namespace costdrift::config {
namespace {

struct Case {
  const char* yaml;      // stands on line 4
  const char* expected;  // after "c.yaml:4: "
};

void expect_problems(std::initializer_list<Case> cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(problems_of(kRequired + one.yaml + "\n"), std::string("c.yaml:4: ") + one.expected) << one.yaml;
  }
}

TEST(FieldErrors, NameTheNearestKey) {
  expect_problems(
      {Case{"pagess: {}", "pagess: unknown key; did you mean \"pages\"?"},
       Case{"runbook: x", "runbook: unknown key; did you mean \"runbook_url\"?"},
       Case{"xyzzy: 1",
            "xyzzy: unknown key; known are config_version, kafka, state, time, pages, prices, http, dead_man_switch, log, limits, "
            "routes, runbook_url, detectors, sinks"},
       Case{"log: {levle: info}", "log.levle: unknown key; did you mean \"level\"?"},
       Case{"detectors: {prompt_growht: false}",
            "detectors.prompt_growht: unknown key; did you mean \"prompt_growth\"?"},
       Case{"detectors: {retry_rate: {x: 1}}", "detectors.retry_rate.x: unknown key; known are enabled, shadow"},
       Case{"\"a\\x01b\": 1",
            "a\\x01b: unknown key; known are config_version, kafka, state, time, pages, prices, http, dead_man_switch, log, limits, "
            "routes, runbook_url, detectors, sinks"}});
}

TEST(FieldErrors, SayWhatValueIsWanted) {
  expect_problems(
      {Case{"config_version: 2", "config_version: \"2\" is not known here; write 1"},
       Case{"log: {level: warning}",
            "log.level: \"warning\" is not known here; choose one of debug, info, warn, error"},
       Case{"limits: {max_series: 1e6}",
            "limits.max_series: \"1e6\" is not a whole number; write digits only, for example 100"},
       Case{"limits: {max_series: 99999999999999999999}",
            "limits.max_series: \"99999999999999999999\" is not a whole number; write digits only, for example 100"},
       Case{"limits: {max_series: 0}", "limits.max_series: \"0\" is out of range; choose 1 to 100,000,000"},
       Case{"time: {idle_timeout: 15}",
            "time.idle_timeout: \"15\" is not a duration; write a number and a unit, for example 250ms, 90s, 15m, 2h "
            "or 7d"},
       Case{"time: {idle_timeout: 2d}", "time.idle_timeout: \"2d\" is out of range; choose 1s to 1d"},
       Case{"pages: {min_usd_per_hour: some}",
            "pages.min_usd_per_hour: \"some\" is not a number; write for example 2 or 0.5"},
       Case{"pages: {min_usd_per_hour: nan}",
            "pages.min_usd_per_hour: \"nan\" is not a number; write for example 2 or 0.5"},
       Case{"pages: {min_effect: x%}", "pages.min_effect: \"x%\" is not a ratio; write for example 10% or 0.1"},
       Case{"pages: {min_effect: 20}",
            "pages.min_effect: \"20\" is out of range; write 20% if percent are meant, or choose 0.1% to 100%"},
       Case{"pages: {min_effect: 200%}", "pages.min_effect: \"200%\" is out of range; choose 0.1% to 100%"},
       Case{"detectors: {retry_rate: maybe}",
            "detectors.retry_rate.enabled: \"maybe\" is neither true nor false; write true or false"},
       Case{"detectors: {prompt_growth: {hard_limit: 0}}",
            "detectors.prompt_growth.hard_limit: \"0\" is out of range; choose at least 1"},
       Case{"pages: {min_effect: }", "pages.min_effect: has no value; give it one or remove the line"}});
}

TEST(FieldErrors, SayWhatShapeIsWanted) {
  expect_problems(
      {Case{"limits: [1]", "limits: a list stands where a mapping is wanted; put its fields below it, indented"},
       Case{"limits: {max_series: [1]}",
            "limits.max_series: a list stands where a single value is wanted; write one value: whole number"},
       Case{"routes: {send: x}", "routes: a mapping stands where a list is wanted; write [{when: ..., send: ...}]"},
       Case{"routes: [finops]",
            "routes[0]: a single value stands where a mapping is wanted; write {when: ..., send: ...}"},
       Case{"routes: [{send: {a: b}}]",
            "routes[0].send: a mapping stands where a list is wanted; write [first, second]"},
       Case{"routes: [{when: [a], send: finops}]",
            "routes[0].when: a list stands where a mapping is wanted; write {key: value}"},
       Case{"detectors: {retry_rate: [a]}",
            "detectors.retry_rate: a list stands where a mapping is wanted; put its fields below it, indented"},
       Case{"prices: {aliases: {a: [b]}}",
            "prices.aliases.a: a list stands where a single value is wanted; write one value: text"}});
}

TEST(FieldErrors, CompareFields) {
  expect_problems(
      {Case{"time: {bucket: 7s}", "time.bucket: 7s does not divide a minute; choose for example 1s, 5s, 10s or 1m"},
       Case{"pages: {min_usd_per_hour: 60}",
            "pages.min_usd_per_hour: critical_usd_per_hour is below min_usd_per_hour, so that no page is ever a "
            "warning; raise critical_usd_per_hour to at least min_usd_per_hour"},
       Case{"http: {listen: localhost}", "http.listen: the value is not host:port; write for example 127.0.0.1:8321"},
       Case{"http: {listen: 'localhost:70000'}",
            "http.listen: the value is not host:port; write for example 127.0.0.1:8321"},
       Case{"http: {listen: '0.0.0.0:8321'}",
            "http.listen: the address is not loopback, and there is no token; set http.token_file, or listen on "
            "127.0.0.1"},
       Case{"routes: [{send: [finop]}]", "routes[0].send: there is no sink \"finop\"; did you mean \"finops\"?"},
       Case{"routes: [{send: [console]}]", "routes[0].send: there is no sink \"console\"; known are finops, oncall"},
       Case{"routes: [{when: {severity: high}, send: finops}]",
            "routes[0].when.severity: there is no severity \"high\"; known are info, warning, critical"},
       Case{"routes: [{when: {detector: retry}, send: finops}]",
            "routes[0].when.detector: there is no detector \"retry\"; did you mean \"retry_rate\"?"},
       Case{"routes: [{when: {tem: a}, send: finops}]",
            "routes[0].when.tem: alerts have no such label; did you mean \"team\"?"},
       Case{"routes: [{when: {env: dev}}]",
            "routes[0]: does not say who is told; add send: [name of a sink], or send: [] to tell nobody"},
       Case{"routes: [{send: finops}, {when: {env: dev}, send: oncall}]",
            "routes[1]: is never used, because routes[0] takes every alert; move it up"}});
}

}  // namespace
}  // namespace costdrift::config
