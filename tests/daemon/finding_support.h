// A finding as prompt_growth makes it, and the settings that weigh it, for the tests of incidents.
#pragma once

#include "config/settings.h"
#include "core/finding.h"

namespace costdrift::daemon::test_support {

inline constexpr core::EventTime kMonday{1'772'409'600'000'000};  // 2026-03-02T00:00:00Z
inline constexpr core::EventTime kOnset = kMonday + core::hours(14);

// Found 20 minutes after the onset; 31 % more input, $8 an hour: a page by the default gates.
inline core::Finding prompt_finding(core::EventTime onset = kOnset) {
  core::Finding finding;
  finding.detector = "prompt_growth";
  finding.series = core::SeriesKey::of({{core::Dimension::app, "support-bot"}, {core::Dimension::model, "gpt-4o"}});
  finding.evaluated_at = onset + core::minutes(20);
  finding.onset = onset;
  finding.onset_earliest = onset - core::minutes(4);
  finding.onset_latest = onset + core::minutes(2);
  finding.unit = "tokens/call";
  finding.quantity = "input tokens per call";
  finding.expected = 1980;
  finding.observed = 2592;
  finding.effect = 0.31;
  finding.effect_low = 0.28;
  finding.effect_high = 0.34;
  finding.harm_low = 0.27;
  finding.log10_evidence = 7.3;
  finding.calls = 1840;
  finding.excess_so_far = {2'600'000'000};
  finding.excess_usd_per_hour = 8;
  finding.attributes = {{core::Dimension::team, "cx"}, {core::Dimension::owner, "ana"}};
  return finding;
}

inline core::Finding other_detector(core::Finding finding, const std::string& detector) {
  finding.detector = detector;
  return finding;
}

inline core::Finding later(core::Finding finding, core::Duration by) {
  finding.evaluated_at = finding.evaluated_at + by;
  return finding;
}

inline core::Finding recovered_at(core::Finding finding, core::EventTime at) {
  finding.phase = core::FindingPhase::recovered;
  finding.evaluated_at = at;
  return finding;
}

inline config::Settings page_settings() {
  config::Settings settings;
  settings.source_path = "/etc/costdrift/costdrift.yaml";
  settings.sinks = {{.name = "finops"}, {.name = "oncall"}};
  return settings;
}

}  // namespace costdrift::daemon::test_support
