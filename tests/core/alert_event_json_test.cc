#include "core/alert_event_json.h"

#include <gtest/gtest.h>

#include <limits>

namespace costdrift::core {
namespace {

EventTime at(std::string_view text) { return *parse_rfc3339(text); }

void describe_change(AlertEvent& event) {
  event.onset = at("2026-03-02T14:05:00Z");
  event.onset_earliest = at("2026-03-02T14:04:10Z");
  event.onset_latest = at("2026-03-02T14:06:00.250Z");
  event.detected_at = at("2026-03-02T14:12:35Z");
  event.updated_at = at("2026-03-02T14:30:00Z");
  event.acknowledged_at = at("2026-03-02T14:20:00Z");
  event.acknowledged_by = "ana";
  event.snoozed_until = at("2026-03-02T16:20:00Z");
  event.unit = "tokens/call";
  event.quantity = "input tokens per call";
  event.expected = 1980;
  event.observed = 2592.04;
  event.effect = 0.309111111;
  event.effect_low = 0.28;
  event.effect_high = 1.0 / 3;
  event.log10_evidence = 7.3;
}

void describe_money(AlertEvent& event) {
  event.usd_so_far = 41.204;
  event.usd_per_hour = 38.0;
  event.usd_per_month = 27360;
  event.usd_split[static_cast<int>(CostPart::input)] = 38.0;
  event.drivers = {{Dimension::use_case, "rag-search", 0.94}};
  event.declared_change = {"ab12cd34", ChangeKind::deploy, at("2026-03-02T14:01:00Z"), "prompt v7", ""};
  event.owner_team = "cx";
  event.owner = "ana";
  event.cost_center = "CC-1204";
  event.calls = 1840;
  event.samples = {{{31'000'000}, "llm.usage", 3, 991, "4bf92f", ""}};
  event.also = {{"spend", at("2026-03-02T14:10:00Z"), "dollars per minute", "usd/min", 2.5, 3.125, 0.25, 37.5}};
  event.told_by = {"fedcba9876543210fedcba9876543210", SeriesKey::of({{Dimension::team, "cx"}})};
  const IncidentRef part{"89abcdef89abcdef89abcdef89abcdef",
                         SeriesKey::of({{Dimension::app, "search"}, {Dimension::model, "gpt-4o"}})};
  event.elsewhere = {.incidents = 12, .inside = 2, .usd_per_hour = 21.5, .largest = {{part, 0.4, 3.5, true}}};
}

AlertEvent example() {
  AlertEvent event;
  event.incident_id = "0123456789abcdef0123456789abcdef";
  event.version = 2;
  event.status = AlertStatus::updated;
  event.reason = "severity rose";
  event.detector = "prompt_growth";
  event.severity = Severity::critical;
  event.labels = {{Dimension::app, "support-bot"}, {Dimension::model, "gpt-4o"}, {Dimension::team, "cx"}};
  describe_change(event);
  describe_money(event);
  event.summary = "support-bot / gpt-4o: input tokens per call 2,592, expected 1,980 (+31 %) since 14:05 UTC";
  event.quiet_if = "effect below 10 % or under $5/h";
  event.incident_url = "https://costdrift.example/incidents/0123";
  event.runbook_url = "https://wiki.example/runbook";
  event.replay_command = "costdrift replay --config c.yaml";
  return event;
}

TEST(AlertEventJson, IsTheDocumentedSchema) {
  EXPECT_EQ(
      to_json(example()),
      R"({"incident_id":"0123456789abcdef0123456789abcdef","version":2,"status":"updated","reason":"severity rose",)"
      R"("detector":"prompt_growth","severity":"critical",)"
      R"("labels":{"app":"support-bot","model":"gpt-4o","team":"cx"},"onset":"2026-03-02T14:05:00Z",)"
      R"("onset_earliest":"2026-03-02T14:04:10Z","onset_latest":"2026-03-02T14:06:00.250Z",)"
      R"("detected_at":"2026-03-02T14:12:35Z","updated_at":"2026-03-02T14:30:00Z","resolved_at":null,)"
      R"("acknowledged_at":"2026-03-02T14:20:00Z","acknowledged_by":"ana","snoozed_until":"2026-03-02T16:20:00Z",)"
      R"("unit":"tokens/call",)"
      R"("quantity":"input tokens per call","expected":1980,"observed":2592.04,"effect":0.309111,)"
      R"("effect_low":0.28,"effect_high":0.333333,"log10_evidence":7.3,)"
      R"("usd":{"so_far":41.2,"per_hour":38,"per_month":27360,"split":{"volume":0,"price":0,"mix":0,"input":38,)"
      R"("output":0,"cache":0,"retry":0,"steps":0}},)"
      R"("drivers":[{"dimension":"use_case","value":"rag-search","kind":"rate","share":0.94}],)"
      R"("declared_change":{"id":"ab12cd34","kind":"deploy","at":"2026-03-02T14:01:00Z","note":"prompt v7","by":null},)"
      R"("owner":{"team":"cx","owner":"ana","cost_center":"CC-1204"},"calls":1840,)"
      R"("samples":[{"trace_id":"4bf92f","run_id":null,"topic":"llm.usage","partition":3,"offset":991}],)"
      R"("also":[{"detector":"spend","onset":"2026-03-02T14:10:00Z","unit":"usd/min","quantity":"dollars per minute",)"
      R"("expected":2.5,"observed":3.125,"effect":0.25,"usd_per_hour":37.5}],)"
      R"("told_by":{"incident_id":"fedcba9876543210fedcba9876543210","labels":{"team":"cx"}},)"
      R"("elsewhere":{"incidents":12,"inside":2,"usd_per_hour":21.5,"largest":[)"
      R"({"incident_id":"89abcdef89abcdef89abcdef89abcdef","labels":{"app":"search","model":"gpt-4o"},)"
      R"("effect":0.4,"usd_per_hour":3.5,"inside":true}]},)"
      R"("summary":"support-bot / gpt-4o: input tokens per call 2,592, expected 1,980 (+31 %) since 14:05 UTC",)"
      R"("quiet_if":"effect below 10 % or under $5/h",)"
      R"("links":{"incident":"https://costdrift.example/incidents/0123","runbook":"https://wiki.example/runbook"},)"
      R"("replay":"costdrift replay --config c.yaml"})");
}

TEST(AlertEventJson, UnknownIsNull) {
  AlertEvent event;
  event.observed = std::numeric_limits<double>::quiet_NaN();
  event.effect = std::numeric_limits<double>::infinity();
  EXPECT_EQ(
      to_json(event),
      R"({"incident_id":"","version":1,"status":"firing","reason":null,"detector":"","severity":"warning",)"
      R"("labels":{},"onset":"1970-01-01T00:00:00Z","onset_earliest":"1970-01-01T00:00:00Z",)"
      R"("onset_latest":"1970-01-01T00:00:00Z","detected_at":"1970-01-01T00:00:00Z",)"
      R"("updated_at":"1970-01-01T00:00:00Z","resolved_at":null,"acknowledged_at":null,"acknowledged_by":null,)"
      R"("snoozed_until":null,)"
      R"("unit":"","quantity":"","expected":0,"observed":null,"effect":null,"effect_low":0,"effect_high":0,)"
      R"("log10_evidence":0,"usd":{"so_far":null,"per_hour":null,"per_month":null,"split":{"volume":null,)"
      R"("price":null,"mix":null,"input":null,"output":null,"cache":null,"retry":null,"steps":null}},)"
      R"("drivers":[],"declared_change":null,"owner":{"team":null,"owner":null,"cost_center":null},"calls":0,"samples":[],"also":[],)"
      R"("told_by":null,"elsewhere":{"incidents":0,"inside":0,"usd_per_hour":0,"largest":[]},)"
      R"("summary":"","quiet_if":null,"links":{"incident":null,"runbook":null},"replay":null})");
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST(AlertEventJson, AShadowSaysSoLast) {
  const std::string json = to_json(example());
  EXPECT_EQ(to_shadow_json(example()), json.substr(0, json.size() - 1) + ",\"shadow\":true}");
}

TEST(AlertEventJson, TheSplitAddsUpToTheCent) {
  AlertEvent event;
  event.usd_per_hour = 0.1;
  for (const CostPart part : {CostPart::volume, CostPart::input, CostPart::output}) {
    event.usd_split[static_cast<int>(part)] = 0.1 / 3;
  }
  EXPECT_TRUE(holds(to_json(event), R"("split":{"volume":0.04,"price":0,"mix":0,"input":0.03,"output":0.03,)"))
      << to_json(event);
}

TEST(AlertEventJson, ASavingInOnePartStaysNegative) {
  AlertEvent event;
  event.usd_per_hour = 7.5;
  event.usd_split[static_cast<int>(CostPart::input)] = 10.006;
  event.usd_split[static_cast<int>(CostPart::cache)] = -2.506;
  EXPECT_TRUE(holds(to_json(event), R"("input":10.01,"output":0,"cache":-2.51,)")) << to_json(event);
}

TEST(AlertEventJson, HostileTextStaysValid) {
  AlertEvent event;
  event.summary = "a\"b\\\n\xff\x01 東京";
  event.labels = {{Dimension::app, "</script>\xc3"}, {Dimension::app, "second"}};
  const std::string json = to_json(event);
  EXPECT_TRUE(holds(json, "\"summary\":\"a\\\"b\\\\\\n\uFFFD\\u0001 東京\"")) << json;
  EXPECT_TRUE(holds(json, "\"labels\":{\"app\":\"</script>\uFFFD\"}")) << "the first of equal labels wins: " << json;
  EXPECT_EQ(json.find('\n'), std::string::npos);
}

TEST(AlertEventJson, AResolvedEventSaysWhen) {
  AlertEvent event = example();
  event.status = AlertStatus::resolved;
  event.resolved_at = at("2026-03-02T16:00:00Z");
  EXPECT_TRUE(holds(to_json(event), R"("status":"resolved")"));
  EXPECT_TRUE(holds(to_json(event), R"("resolved_at":"2026-03-02T16:00:00Z")"));
}

TEST(AlertEventNames, AreTheWordsOfTheSchema) {
  EXPECT_EQ(status_name(AlertStatus::firing), "firing");
  EXPECT_EQ(status_name(AlertStatus::retracted), "retracted");
  EXPECT_EQ(severity_name(Severity::info), "info");
  EXPECT_EQ(severity_name(Severity::critical), "critical");
  EXPECT_EQ(cost_part_name(CostPart::volume), "volume");
  EXPECT_EQ(cost_part_name(CostPart::steps), "steps");
}

}  // namespace
}  // namespace costdrift::core
