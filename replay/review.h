// `costdrift replay --review`: walks through the incidents that a replay told and asks of each whether it was one.
//
// Answers  y (a real incident: becomes a label), n (a false alarm: a label with "real": false), s (skip), q (end).
//          Incidents that a label of the file means already, real or not, are not asked again.
#pragma once

#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "core/result.h"
#include "replay/label.h"
#include "replay/told_incident.h"

namespace costdrift::replay {

// The label that says whether an incident was real: its series' labels, from its onset to its end.
IncidentLabel label_of(const ToldIncident& incident, bool real);

// The new labels, in the order of the answers. The end of `in` is q.
std::vector<IncidentLabel> review(const std::vector<ToldIncident>& incidents, const std::vector<IncidentLabel>& known,
                                  std::istream& in, std::ostream& out);

// Whether labels can be added to a file: it does not exist, or holds JSON lines. Error (usage): it is YAML, or one JSON
// array.
core::Result<void> check_can_append(const std::string& path);
// Adds labels at the end of a file of JSON lines, which need not exist; a last line without its end gets one. Errors:
// io; as check_can_append(), the file is then left as it is.
core::Result<void> append_labels(const std::string& path, const std::vector<IncidentLabel>& labels);

}  // namespace costdrift::replay
