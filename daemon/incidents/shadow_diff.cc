#include "daemon/incidents/shadow_diff.h"

#include <algorithm>
#include <functional>

namespace costdrift::daemon {
namespace {

using core::AlertEvent;

core::EventTime end_of(const AlertEvent& event) { return event.resolved_at.value_or(core::EventTime::max()); }

bool same_id(const AlertEvent& a, const AlertEvent& b) { return a.incident_id == b.incident_id; }

bool same_story(const AlertEvent& a, const AlertEvent& b) {
  return a.series == b.series && a.onset <= end_of(b) && b.onset <= end_of(a);
}

}  // namespace

ShadowDiff shadow_diff(const std::vector<AlertEvent>& live, const std::vector<AlertEvent>& shadow) {
  std::vector<const AlertEvent*> partner(shadow.size(), nullptr);
  std::vector<bool> taken(live.size(), false);
  for (const auto& same : {same_id, same_story}) {
    for (std::size_t i = 0; i < shadow.size(); ++i) {
      for (std::size_t j = 0; j < live.size() && partner[i] == nullptr; ++j) {
        if (taken[j] || !same(live[j], shadow[i])) continue;
        partner[i] = &live[j];
        taken[j] = true;
      }
    }
  }
  ShadowDiff diff;
  for (std::size_t i = 0; i < shadow.size(); ++i) {
    if (partner[i] == nullptr) {
      diff.only_shadow.push_back(shadow[i]);
    } else {
      diff.both.emplace_back(*partner[i], shadow[i]);
    }
  }
  for (std::size_t j = 0; j < live.size(); ++j) {
    if (!taken[j]) diff.only_live.push_back(live[j]);
  }
  return diff;
}

}  // namespace costdrift::daemon
