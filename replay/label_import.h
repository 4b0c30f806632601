// Labels from what other systems remember of incidents.
//
//   pagerduty     REST export of incidents ({"incidents":[...]}) or of alerts ({"alerts":[...]}): created_at,
//                 resolved_at (or last_status_change_at of a resolved one); dimensions from the custom details of the
//                 event, which costdrift's own sink fills; note: the title.
//   alertmanager  alerts of the API v2, or of `amtool alert query -o json`: startsAt, endsAt; dimensions from the
//                 labels; kind: the label "detector"; note: the annotation "summary", or the alert's name.
// Dimensions more than 16 levels deep are ignored.
// An entry that has not ended gets `open_until` as its end. One without any dimension matches everything; it is kept,
// and its note says so, for a person to complete.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "replay/label.h"

namespace costdrift::replay {

// By the first member. Error (bad_data): neither of the two, or a time that cannot be read; names the entry.
core::Result<std::vector<IncidentLabel>> import_labels(std::string_view text, const std::string& name,
                                                       core::EventTime open_until);

// `costdrift labels import FILE`: labels as JSON lines on standard output; returns the exit status.
int import_labels_command(const std::string& path);

}  // namespace costdrift::replay
