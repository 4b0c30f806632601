#include "replay/told_incident.h"

#include "replay/gathered.h"
#include "state/alert_record.h"

namespace costdrift::replay {
namespace {

constexpr std::string_view kToldRows = "told";

std::optional<ToldIncident> told_of(core::ByteReader& in) {
  const auto first = state::decode_alert_event(in.text()), last = state::decode_alert_event(in.text());
  if (!first || !last) return std::nullopt;
  ToldIncident incident{.first = *first, .page = std::nullopt, .last = *last, .muted = in.boolean()};
  if (!in.boolean()) return incident;
  incident.page = state::decode_alert_event(in.text());
  return incident.page ? std::optional(incident) : std::nullopt;
}

}  // namespace

void ToldIncidents::add(const core::AlertEvent& event) {
  const auto [known, is_new] = by_id_.emplace(event.incident_id, incidents_.size());
  if (is_new) incidents_.push_back({.first = event, .page = std::nullopt, .last = event});
  ToldIncident& incident = incidents_[known->second];
  unsaved_.insert(known->second);
  if (!incident.page && event.severity >= core::Severity::warning) incident.page = event;
  incident.last = event;
}

void ToldIncidents::refresh(const core::AlertEvent& event) {
  const auto known = by_id_.find(event.incident_id);
  if (known != by_id_.end()) incidents_[known->second].last = event;
}

void ToldIncidents::on_muted(const core::AlertEvent& event, daemon::Muted) {
  const auto known = by_id_.find(event.incident_id);
  if (known == by_id_.end()) return;
  ToldIncident& incident = incidents_[known->second];
  if (!incident.page || incident.page->version != event.version) return;
  incident.page.reset();
  incident.muted = true;
  unsaved_.insert(known->second);
}

void ToldIncidents::save(state::Store& store) {
  for (const std::size_t i : unsaved_) {
    const ToldIncident& incident = incidents_[i];
    core::ByteWriter out = gathered_value();
    out.text(state::encode_alert_event(incident.first));
    out.text(state::encode_alert_event(incident.last));
    out.boolean(incident.muted);
    out.boolean(incident.page.has_value());
    if (incident.page) out.text(state::encode_alert_event(*incident.page));
    store.put(state::KeySpace::report, gathered_key(kToldRows).u64(i).take(), out.take());
  }
  unsaved_.clear();
}

bool ToldIncidents::load(const state::Store& store) {
  return read_gathered(store, kToldRows, [this](state::OrderedKeyReader& key, core::ByteReader& in) {
    auto incident = told_of(in);
    if (!incident || key.u64() != incidents_.size()) return false;
    by_id_.emplace(incident->first.incident_id, incidents_.size());
    incidents_.push_back(*std::move(incident));
    return true;
  });
}

}  // namespace costdrift::replay
