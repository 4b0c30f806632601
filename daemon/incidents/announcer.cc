#include "daemon/incidents/announcer.h"

#include <algorithm>
#include <utility>

#include "core/alert_event_json.h"
#include "daemon/incidents/routing.h"
#include "state/alert_record.h"

namespace costdrift::daemon {
namespace {

constexpr std::int64_t kJournalLines = 100'000;

core::NotificationAction action_of(const core::AlertEvent& event) {
  switch (event.status) {
    case core::AlertStatus::firing:
      return core::NotificationAction::trigger;
    case core::AlertStatus::updated:
      return core::NotificationAction::update;
    case core::AlertStatus::resolved:
    case core::AlertStatus::retracted:
      return core::NotificationAction::resolve;
  }
  core::bug("unknown alert status");
}

bool is_snoozed(const core::AlertEvent& event) {
  return event.snoozed_until && event.updated_at < *event.snoozed_until;
}

}  // namespace

Announcer::Announcer(const config::Settings& settings, state::Store& store, IncidentBook& incidents,
                     const Silences& silences, OnAlert on_alert)
    : settings_(settings),
      incidents_(incidents),
      silences_(silences),
      on_alert_(std::move(on_alert)),
      outbox_(store),
      journal_(store, kJournalLines) {}

void Announcer::publish(const std::vector<core::AlertEvent>& events, Audience audience) {
  for (const auto& event : events) {
    journal_.append(core::to_json(event));
    if (on_alert_) on_alert_(event);
    for (const auto& sink : audience_of(event, audience)) send(event, sink);
  }
}

bool Announcer::is_muted(const core::AlertEvent& event) const {
  return is_snoozed(event) || silences_.cover(event.labels, event.updated_at);
}

std::vector<std::string> Announcer::audience_of(const core::AlertEvent& event, Audience audience) {
  const bool over = action_of(event) == core::NotificationAction::resolve;
  const bool muted = is_muted(event);
  if (muted && !over && audience == Audience::routes) {
    hold_back(event);
    return {};
  }
  const bool untold = over && (muted || incidents_.is_held(event.incident_id));
  std::vector<std::string> sinks;
  if (audience == Audience::routes && !untold) sinks = sinks_for(event, settings_);
  for (const auto& sink : incidents_.told_sinks(event.incident_id)) {
    if (std::find(sinks.begin(), sinks.end(), sink) == sinks.end()) sinks.push_back(sink);
  }
  return sinks;
}

void Announcer::hold_back(const core::AlertEvent& event) {
  incidents_.hold(event.incident_id);
  if (listener_ != nullptr) listener_->on_muted(event, is_snoozed(event) ? Muted::snoozed : Muted::silenced);
}

void Announcer::send(const core::AlertEvent& event, const std::string& sink) {
  const core::Notification notification{action_of(event), event};
  outbox_.want({sink, event.incident_id, event.version, static_cast<std::uint8_t>(notification.action),
                state::encode_alert_event(event)});
  incidents_.told(event.incident_id, sink);
  outgoing_.push_back({sink, notification});
}

std::vector<Outgoing> Announcer::take_outgoing() { return std::exchange(outgoing_, {}); }

std::vector<Outgoing> Announcer::undelivered() const {
  std::vector<Outgoing> result;
  for (const auto& entry : outbox_.pending()) {
    if (auto event = state::decode_alert_event(entry.alert_event)) {
      result.push_back({entry.sink, {static_cast<core::NotificationAction>(entry.action), *std::move(event)}});
    }
  }
  return result;
}

}  // namespace costdrift::daemon
