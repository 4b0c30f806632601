#include "replay/told_incident.h"

namespace costdrift::replay {

void ToldIncidents::add(const core::AlertEvent& event) {
  const auto [known, is_new] = by_id_.emplace(event.incident_id, incidents_.size());
  if (is_new) incidents_.push_back({.first = event, .page = std::nullopt, .last = event});
  ToldIncident& incident = incidents_[known->second];
  if (!incident.page && event.severity >= core::Severity::warning) incident.page = event;
  incident.last = event;
}

void ToldIncidents::on_muted(const core::AlertEvent& event, daemon::Muted) {
  const auto known = by_id_.find(event.incident_id);
  if (known == by_id_.end()) return;
  ToldIncident& incident = incidents_[known->second];
  if (!incident.page || incident.page->version != event.version) return;
  incident.page.reset();
  incident.muted = true;
}

}  // namespace costdrift::replay
