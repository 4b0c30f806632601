#include "daemon/incidents/announcer.h"

#include <utility>

#include "core/alert_event_json.h"
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
    const Hearers hearers = hearers_of(event, audience, incidents_, silences_, settings_);
    if (hearers.held_back) hold_back(event);
    for (const auto& sink : hearers.sinks) send(event, sink);
  }
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
