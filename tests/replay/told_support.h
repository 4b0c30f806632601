// Alert events made up for the tests of labels, scorecards and comparisons.
#pragma once

#include "core/alert_event.h"
#include "replay/told_incident.h"

namespace costdrift::replay::test_support {

inline core::EventTime at(int hour, int minute = 0) {
  return {1'772'409'600'000'000 + core::hours(hour).us + core::minutes(minute).us};  // from 2026-03-02T00:00:00Z on
}

inline core::AlertEvent told(const std::string& id, const std::string& app, core::EventTime when,
                             core::Severity severity = core::Severity::warning, double usd = 10) {
  core::AlertEvent event;
  event.incident_id = id;
  event.detector = "prompt_growth";
  event.severity = severity;
  event.series = core::SeriesKey::of({{core::Dimension::app, app}, {core::Dimension::model, "gpt-4o"}});
  event.labels = event.series.labels();
  event.onset = when - core::minutes(10);
  event.detected_at = event.updated_at = when;
  event.usd_so_far = usd;
  event.usd_per_hour = 20;
  event.summary = app + ": input tokens per call 2,592, expected 1,980";
  return event;
}

inline core::AlertEvent later_version(core::AlertEvent event, core::EventTime when, core::Severity severity,
                                      double usd) {
  ++event.version;
  event.updated_at = when;
  event.severity = severity;
  event.usd_so_far = usd;
  event.status = core::AlertStatus::updated;
  return event;
}

}  // namespace costdrift::replay::test_support
