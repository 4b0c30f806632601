#include "state/alert_record.h"

#include <gtest/gtest.h>

namespace costdrift::state {
namespace {

core::AlertEvent full_event() {
  core::AlertEvent event;
  event.incident_id = "0123456789abcdef0123456789abcdef";
  event.version = 7;
  event.status = core::AlertStatus::retracted;
  event.reason = "severity rose";
  event.detector = "prompt_growth";
  event.severity = core::Severity::critical;
  event.series = core::SeriesKey::of({{core::Dimension::app, "a,b"}, {core::Dimension::model, "m"}});
  event.labels = {{core::Dimension::app, "a,b"}, {core::Dimension::team, "cx"}};
  event.onset = {1};
  event.onset_earliest = {-2};
  event.onset_latest = {3};
  event.detected_at = {4};
  event.updated_at = {6};
  event.resolved_at = core::EventTime{5};
  event.acknowledged_at = core::EventTime{7};
  event.acknowledged_by = "ana";
  event.snoozed_until = core::EventTime{8};
  event.unit = "tokens/call";
  event.quantity = "input tokens per call";
  event.expected = 0.1;
  event.observed = 2592;
  event.effect = 0.31;
  event.effect_low = -0.28;
  event.effect_high = 1e300;
  event.log10_evidence = 7.3;
  event.usd_so_far = 41.2;
  event.usd_per_month = 27360;
  event.usd_split[2] = 38;
  event.drivers = {{core::Dimension::use_case, "rag", 0.94, core::DriverKind::mix}};
  event.declared_change = {"ab12cd34", core::ChangeKind::price, {10}, "March", "finance"};
  event.owner_team = "cx";
  event.owner = "ana";
  event.cost_center = "CC-1204";
  event.calls = 1840;
  event.samples = {{{12}, "llm.usage", 3, 991, "trace", "run"}};
  event.also = {{"spend", {9}, "dollars", "usd", 1, 2, 3, 4}};
  event.told_by = {"fedcba9876543210fedcba9876543210", core::SeriesKey::of({{core::Dimension::team, "cx"}})};
  event.elsewhere = {.incidents = 12, .inside = 2, .usd_per_hour = 21.5, .largest = {{*event.told_by, 0.4, 3.5, true}}};
  event.summary = std::string("with\0zero", 9);
  event.quiet_if = "below 10 %";
  event.incident_url = "https://x/1";
  event.runbook_url = "https://x/2";
  event.replay_command = "costdrift replay";
  return event;
}

TEST(AlertRecordTest, EveryFieldComesBack) {
  const core::AlertEvent event = full_event();
  const std::string bytes = encode_alert_event(event);
  const auto back = decode_alert_event(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(encode_alert_event(*back), bytes);
  EXPECT_EQ(back->summary, event.summary);
  EXPECT_EQ(back->declared_change, event.declared_change);
  EXPECT_EQ(back->severity, event.severity);
  EXPECT_EQ(back->status, event.status);
  EXPECT_EQ(back->series, event.series);
  EXPECT_EQ(back->labels, event.labels);
  EXPECT_EQ(back->resolved_at, event.resolved_at);
  EXPECT_EQ(back->usd_so_far, event.usd_so_far);
  EXPECT_FALSE(back->usd_per_hour);
  EXPECT_EQ(back->usd_split[2], 38);
  EXPECT_EQ(back->drivers.at(0).value, "rag");
  EXPECT_EQ(back->samples, event.samples);
  EXPECT_EQ(back->also.at(0).excess_usd_per_hour, 4);
  EXPECT_EQ(back->told_by, event.told_by);
  EXPECT_EQ(back->elsewhere.incidents, 12);
  EXPECT_EQ(back->elsewhere.largest.at(0).incident, *event.told_by);
  EXPECT_EQ(back->replay_command, event.replay_command);
}

TEST(AlertRecordTest, DamagedBytesAreRefused) {
  const std::string bytes = encode_alert_event(full_event());
  EXPECT_FALSE(decode_alert_event(""));
  EXPECT_FALSE(decode_alert_event(bytes + "x"));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_alert_event(std::string_view(bytes).substr(0, size))) << size;
  std::string newer = bytes;
  newer[0] = 2;
  EXPECT_FALSE(decode_alert_event(newer));
}

}  // namespace
}  // namespace costdrift::state
