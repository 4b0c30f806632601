// IncidentLabel: what people know of the past: from when to when which calls were wrong; a replay is scored against it.
//
// A file holds JSON lines, one JSON array, or (.yaml, .yml) a YAML list of such objects:
//   {"from":"2026-03-02T14:00:00Z","to":"2026-03-02T18:00:00Z","match":{"app":"desk"},"kind":"prompt_growth","note":""}
// match  dimension names (core/series.h) and values; empty or absent: everything. kind (the detector that is meant) and
// note may be absent. "real": false says the opposite: what was told about these calls in this time was a false alarm.
// Threads  plain values, pure functions but for read_labels().
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/alert_event.h"
#include "core/result.h"
#include "core/series.h"
#include "core/time.h"

namespace costdrift::replay {

struct IncidentLabel {
  core::EventTime from, to;
  std::vector<core::Label> match;
  std::string kind, note;
  bool real = true;
  bool operator==(const IncidentLabel&) const = default;
};

// In the order of the file. Errors: io; bad_data: what is wrong, with file and line (of JSON lines) or place in the
// list.
core::Result<std::vector<IncidentLabel>> read_labels(const std::string& path);
std::string to_json(const IncidentLabel& label);

// An alert may come this much before the label begins (people date late) or after it ends.
inline constexpr core::Duration kLabelSlack = core::hours(1);

// Whether an incident is the one that the label means: detected between `from` and `to` give or take kLabelSlack, and
// every item of `match` is among its labels, or is a driver of at least half of it.
bool means(const IncidentLabel& label, const core::AlertEvent& event);
// Whether calls of a series may be meant: no dimension of the series contradicts `match`.
bool concerns(const IncidentLabel& label, const core::SeriesKey& series);
// For sentences: "app desk, model gpt-4o"; "everything".
std::string describe_match(const IncidentLabel& label);

}  // namespace costdrift::replay
