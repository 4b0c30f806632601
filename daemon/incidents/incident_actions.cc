// What people's actions do to incidents (daemon/incidents/incident_book.h).
#include <algorithm>

#include "core/text.h"
#include "daemon/incidents/incident_book.h"
#include "daemon/incidents/lifecycle.h"

namespace costdrift::daemon {
namespace {

constexpr std::size_t kShortestId = 8;

std::string said_by(const Action& action) {
  std::string text;
  if (!action.by.empty()) text += " by " + core::escape_for_log(action.by, 64);
  if (!action.note.empty()) text += ": " + core::escape_for_log(action.note, 128);
  return text;
}

}  // namespace

core::Result<std::string> IncidentBook::full_id(const std::string& id) const {
  const auto wrong = [&](const std::string& why) {
    return core::fail(core::ErrorCode::usage, "incident " + core::escape_for_log(id, 64) + ": " + why);
  };
  if (id.size() < kShortestId) return wrong("give at least the first 8 digits of its id");
  const auto first = incidents_.lower_bound(id);
  if (first == incidents_.end() || !first->first.starts_with(id)) {
    return wrong("there is none of this id; `costdrift alerts list` shows those that are known");
  }
  const auto second = std::next(first);
  if (second != incidents_.end() && second->first.starts_with(id))
    return wrong("several begin like this; give more digits");
  if (!first->second.open) return wrong("it has ended already");
  return first->first;
}

std::vector<IncidentBook::Source> IncidentBook::sources(const std::string& id) const {
  std::vector<Source> result;
  const auto found = incidents_.find(id);
  if (found == incidents_.end()) return result;
  for (const auto& part : found->second.parts) {
    const Source source{part.finding.series, part.finding.detector};
    if (std::find(result.begin(), result.end(), source) == result.end()) result.push_back(source);
  }
  return result;
}

core::AlertEvent IncidentBook::act(const Action& action) {
  Incident& incident = incidents_.at(action.incident_id);
  core::AlertEvent event = incident.event;
  event.updated_at = action.at;
  switch (action.kind) {
    case ActionKind::ack:
      event.acknowledged_at = action.at;
      event.acknowledged_by = action.by;
      return next_version(incident, std::move(event), core::AlertStatus::updated, "acknowledged" + said_by(action));
    case ActionKind::snooze:
      event.snoozed_until = action.until;
      hold(incident.id);
      return next_version(incident, std::move(event), core::AlertStatus::updated,
                          "snoozed until " + core::format_rfc3339(*action.until) + said_by(action));
    case ActionKind::expected:
      incident.dismissed = true;
      return resolve(incident, action.at, "called expected" + said_by(action) + ": the present is learned as normal");
    case ActionKind::resolve:
      incident.dismissed = true;
      return resolve(incident, action.at, "resolved" + said_by(action));
    case ActionKind::silence:
    case ActionKind::unsilence:
    case ActionKind::declare:
    case ActionKind::withdraw:
      break;
  }
  core::bug("not an action about an incident");
}

core::AlertEvent IncidentBook::note_expected(const core::Finding& finding, const Declaration& declaration) {
  const Incident* before = ended_too_soon(finding);
  Incident& incident = before != nullptr ? incidents_.at(before->id) : admit(finding);
  record(incident, finding);
  for (Part& part : incident.parts) part.recovered = true;
  if (before == nullptr) {
    incident.severity = core::Severity::info;
    list(incident);
  }
  return resolve(incident, finding.evaluated_at,
                 "expected of the declared " + describe(declaration.change) + ": the present is learned as normal");
}

std::vector<core::AlertEvent> IncidentBook::review_causes(core::EventTime now) {
  std::vector<core::AlertEvent> events;
  for (auto& [id, incident] : incidents_) {
    if (!incident.open) continue;
    core::AlertEvent event = described(incident);
    if (event.declared_change == incident.event.declared_change) continue;
    event.updated_at = now;
    const std::string reason =
        event.declared_change ? "declared: " + describe(*event.declared_change) : "the declared change was withdrawn";
    events.push_back(next_version(incident, std::move(event), core::AlertStatus::updated, reason));
  }
  return events;
}

std::vector<std::pair<std::string, const Declaration*>> IncidentBook::expected_incidents() const {
  std::vector<std::pair<std::string, const Declaration*>> result;
  if (declared_ == nullptr) return result;
  for (const auto& [id, incident] : incidents_) {
    const Declaration* of_lead = incident.open ? declared_->expecting(incident.lead()) : nullptr;
    const bool all =
        of_lead != nullptr && std::all_of(incident.parts.begin(), incident.parts.end(), [&](const Part& part) {
          return part.recovered || part.finding.symptom || declared_->expecting(part.finding) != nullptr;
        });
    if (all) result.emplace_back(id, of_lead);
  }
  return result;
}

void IncidentBook::hold(const std::string& id) {
  Incident& incident = incidents_.at(id);
  incident.held = true;
  held_.insert(id);
  save(incident);
}

bool IncidentBook::is_held(const std::string& id) const { return held_.contains(id); }

std::set<std::string> IncidentBook::untold() const {
  std::set<std::string> ids;
  for (const auto& [id, incident] : incidents_) {
    if (incident.held && incident.told.empty()) ids.insert(id);
  }
  return ids;
}

std::vector<core::AlertEvent> IncidentBook::release(core::EventTime now,
                                                    const std::function<bool(const core::AlertEvent&)>& muted) {
  std::vector<core::AlertEvent> events;
  std::vector<std::string> released;
  for (const auto& id : held_) {
    const auto found = incidents_.find(id);
    if (found == incidents_.end() || !found->second.open) {
      released.push_back(id);
      continue;
    }
    Incident& incident = found->second;
    core::AlertEvent event = incident.event;
    event.updated_at = now;
    const bool snoozed = event.snoozed_until.has_value();
    if (snoozed && *event.snoozed_until <= now) event.snoozed_until.reset();
    if (muted(event)) continue;
    incident.held = false;
    released.push_back(id);
    events.push_back(next_version(
        incident, std::move(event), core::AlertStatus::updated,
        snoozed ? "the snooze has ended and it still goes on" : "the silence has ended and it still goes on"));
  }
  for (const auto& id : released) held_.erase(id);
  return events;
}

}  // namespace costdrift::daemon
