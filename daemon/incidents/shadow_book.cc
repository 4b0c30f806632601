#include "daemon/incidents/shadow_book.h"

#include "daemon/incidents/audience.h"

namespace costdrift::daemon {

core::Result<void> ShadowBook::load(const IncidentBook& real, core::EventTime closed_until) {
  if (auto loaded = book_.load(closed_until); !loaded) return loaded;
  if (on_ && book_.empty()) book_.copy(real);
  if (!on_ && !book_.empty()) book_.clear();
  return {};
}

bool ShadowBook::take(const core::Finding& finding) {
  if (!on_) return false;
  const Declaration* announced = changes_.expecting(finding);
  if (announced == nullptr || !book_.would_open(finding)) {
    tell(book_.apply(finding));
    return false;
  }
  tell({book_.note_expected(finding, *announced)});
  return true;
}

void ShadowBook::advance_to(core::EventTime now, const IncidentBook::LastSeen& last_seen) {
  if (on_) tell(book_.advance_to(now, last_seen));
}

void ShadowBook::release(core::EventTime now) {
  if (on_) tell(book_.release(now, [this](const auto& event) { return is_muted(event, silences_); }));
}

void ShadowBook::tell(const std::vector<core::AlertEvent>& events) {
  for (const auto& event : events) {
    const Hearers hearers = hearers_of(event, Audience::routes, book_, silences_, settings_);
    if (hearers.held_back) book_.hold(event.incident_id);
    for (const auto& sink : hearers.sinks) book_.told(event.incident_id, sink);
  }
}

void ShadowBook::act(const Action& action) {
  if (on_ && book_.full_id(action.incident_id)) (void)book_.act(action);
}

void ShadowBook::review_causes(core::EventTime now) {
  if (on_) (void)book_.review_causes(now);
}

}  // namespace costdrift::daemon
