// Incident: one cause of drift on one series, with every detector that sees it. Plain data.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/alert_event.h"
#include "core/finding.h"
#include "core/result.h"

namespace costdrift::daemon {

// What was said first after the page that tells of the incident had ended.
struct Alone {
  core::EventTime since;
  core::NanoUsd excess;
};

// What one detector last said.
struct Part {
  core::Finding finding;
  bool recovered = false;
  std::optional<Alone> alone;
};

struct Incident {
  std::string id;  // 32 hex digits; fixed when the incident opens
  core::SeriesKey series;
  std::vector<Part> parts;                         // by (detector, aspect); the first one opened the incident
  core::Severity severity = core::Severity::info;  // the highest it has had
  core::AlertEvent event;                          // the newest version
  std::set<std::string> told;                      // sinks that know of it
  bool held = false;                               // the newest version was told to nobody (snoozed, silenced)
  bool open = true;
  bool dismissed = false;  // a person ended it, though it may go on

  core::EventTime onset() const { return event.onset; }
  // The unrecovered part that explains the most dollars per hour (all recovered: of all parts); a symptom's dollars
  // count half, a quarter once a cause was told, a tenth in the first quarter of an hour; a more specific part
  // leads one that explains hardly more. parts must not be empty.
  const core::Finding& lead() const;
};

// hash(detector, series, onset bucket, aspect): no clock, host, randomness or configuration in it.
std::string incident_id(const core::Finding& finding);

std::string encode_incident(const Incident& incident);
// Error (bad_data): not the bytes of a version that this program knows.
core::Result<Incident> decode_incident(std::string_view bytes);

}  // namespace costdrift::daemon
