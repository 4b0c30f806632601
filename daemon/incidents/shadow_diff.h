// shadow_diff: what shadow detectors would change, if they were on, in what people are told.
#pragma once

#include <utility>
#include <vector>

#include "core/alert_event.h"

namespace costdrift::daemon {

struct ShadowDiff {
  std::vector<core::AlertEvent> only_shadow, only_live;
  std::vector<std::pair<core::AlertEvent, core::AlertEvent>> both;  // live, shadow
};

// Two are the same when they have one id, or one series and a time in which both went on (then another detector opened
// it). `live` and `shadow` hold the newest version of each incident; the order of the result is theirs.
ShadowDiff shadow_diff(const std::vector<core::AlertEvent>& live, const std::vector<core::AlertEvent>& shadow);

}  // namespace costdrift::daemon
