// Which incident tells of which (daemon/incidents/incident_book.h, daemon/incidents/same_change.h).
#include <algorithm>
#include <iterator>

#include "daemon/incidents/incident_book.h"
#include "daemon/incidents/lifecycle.h"
#include "daemon/incidents/message.h"
#include "daemon/incidents/routing.h"
#include "daemon/incidents/same_change.h"

namespace costdrift::daemon {
namespace {

// Every newcomer has the page look at all that it tells of.
constexpr std::size_t kMostTold = 1000;
constexpr std::size_t kEnoughForOneCause = 3;

Part& part_of(Incident& incident, const core::Finding& finding) {
  for (Part& part : incident.parts) {
    if (part.finding.detector == finding.detector && part.finding.aspect == finding.aspect) return part;
  }
  core::bug("a finding that is no part of its incident");
}

// Who has acknowledged a page hears no more of it; of the same application that is what they meant.
bool says_no_more(const Incident& page, const core::Finding& finding) {
  const auto app = core::Dimension::app;
  return page.event.acknowledged_at && !lies_within(finding, page.series) &&
         page.series.label(app) != finding.series.label(app);
}

// What lies inside a page, and began before its end, it has told of; however late it is found.
bool still_speaks_for(const Incident& page, const core::Finding& finding) {
  return lies_within(finding, page.series) || still_speaks(page, finding.evaluated_at);
}

bool hears_all(const std::vector<std::string>& sinks, const Incident& teller, const config::Settings& settings) {
  const auto heard = sinks_for(teller.event, settings);
  return std::all_of(sinks.begin(), sinks.end(), [&](const std::string& sink) {
    return teller.told.contains(sink) || std::find(heard.begin(), heard.end(), sink) != heard.end();
  });
}

}  // namespace

bool IncidentBook::is_full(const std::string& id) const {
  const auto told = tells_of_.find(id);
  return told != tells_of_.end() && told->second.size() >= kMostTold;
}

bool IncidentBook::three_apps_share(const Incident& page) const {
  std::set<std::string> apps;
  const auto told = tells_of_.find(page.id);
  if (told == tells_of_.end()) return false;
  for (const auto& id : told->second) {
    apps.insert(incidents_.at(id).series.label(core::Dimension::app));
    if (apps.size() >= kEnoughForOneCause) return true;
  }
  return false;
}

const Incident* IncidentBook::teller_of(const Incident& asking, const core::Finding& newest) const {
  std::vector<const Incident*> tellers;
  for (const auto& [id, page] : incidents_) {
    const bool may_tell = page.severity > core::Severity::info && page.severity >= asking.severity && !page.held;
    if (!may_tell || !still_speaks_for(page, newest) || says_no_more(page, newest) || is_full(id)) continue;
    if (tells_of(page, three_apps_share(page), asking, newest, settings_.pages)) tellers.push_back(&page);
  }
  if (tellers.empty()) return nullptr;
  const auto sinks = sinks_for(described(asking), settings_);
  std::erase_if(tellers, [&](const Incident* teller) { return !hears_all(sinks, *teller, settings_); });
  const auto earlier = [](const Incident* a, const Incident* b) { return a->event.detected_at < b->event.detected_at; };
  const auto first = std::min_element(tellers.begin(), tellers.end(), earlier);
  return first == tellers.end() ? nullptr : *first;
}

bool IncidentBook::is_still_told(Incident& incident, const core::Finding& newest) const {
  if (!incident.event.told_by) return false;
  const auto found = incidents_.find(incident.event.told_by->id);
  Part& part = part_of(incident, newest);
  if (found == incidents_.end()) return !goes_on_alone(part);
  const Incident& page = found->second;
  if (page.severity < incident.severity) return false;
  if (!tells_of(page, three_apps_share(page), incident, newest, settings_.pages)) return false;
  // What was learned as normal there will be here.
  return page.open || absorbed(page) || !goes_on_alone(part);
}

void IncidentBook::weigh_in(Incident& incident, const core::Finding& finding) {
  const core::Severity severity = severity_of(weigh(finding, settings_.pages));
  const bool is_new = incident.event.version == 0;
  const bool is_paged = incident.severity > core::Severity::info;
  incident.severity = std::max(incident.severity, severity);
  if (is_paged || (severity == core::Severity::info && !is_new)) return;
  if (!is_still_told(incident, finding)) link(incident, teller_of(incident, finding));
  if (incident.event.told_by) incident.severity = core::Severity::info;
}

void IncidentBook::link(Incident& incident, const Incident* teller) {
  auto& told_by = incident.event.told_by;
  const auto before = told_by ? tells_of_.find(told_by->id) : tells_of_.end();
  if (before != tells_of_.end()) before->second.erase(incident.id);
  if (before != tells_of_.end() && before->second.empty()) tells_of_.erase(before);
  told_by.reset();
  for (Part& part : incident.parts) part.alone.reset();
  if (teller == nullptr) return;
  told_by = {teller->id, teller->series};
  tells_of_[teller->id].insert(incident.id);
}

std::vector<std::string> IncidentBook::told_by(const std::string& id) const {
  std::vector<std::string> ids;
  const auto told = tells_of_.find(id);
  if (told == tells_of_.end()) return ids;
  std::copy_if(told->second.begin(), told->second.end(), std::back_inserter(ids),
               [&](const std::string& other) { return incidents_.at(other).open; });
  return ids;
}

std::vector<const Incident*> IncidentBook::elsewhere(const Incident& incident) const {
  std::vector<const Incident*> result;
  for (const auto& id : told_by(incident.id)) result.push_back(&incidents_.at(id));
  return result;
}

std::vector<core::AlertEvent> IncidentBook::review_teller(const Incident& told) {
  if (!told.event.told_by) return {};
  const auto found = incidents_.find(told.event.told_by->id);
  if (found == incidents_.end() || !found->second.open) return {};
  Incident& teller = found->second;
  raise_together(teller);
  return tell(teller);
}

bool IncidentBook::is_open(const std::string& id) const {
  const auto found = incidents_.find(id);
  return found != incidents_.end() && found->second.open;
}

void IncidentBook::raise_together(Incident& incident) {
  if (incident.severity == core::Severity::info || incident.severity == core::Severity::critical) return;
  double usd_per_hour = certain_usd_per_hour(incident.lead());
  for (const Incident* other : elsewhere(incident)) {
    if (!lies_within(other->lead(), incident.series)) usd_per_hour += certain_usd_per_hour(other->lead());
  }
  if (usd_per_hour >= settings_.pages.critical_usd_per_hour) incident.severity = core::Severity::critical;
}

}  // namespace costdrift::daemon
