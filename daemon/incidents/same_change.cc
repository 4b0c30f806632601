#include "daemon/incidents/same_change.h"

#include <algorithm>

namespace costdrift::daemon {
namespace {

constexpr double kHardlyMore = 1.25;
constexpr core::Duration kSpeaksForOthers = core::hours(1);
constexpr std::size_t kEnoughForOneCause = 3;
constexpr double kStillLosing = 0.5;  // of the rate since the onset

bool same_value(const core::Finding& finding, const core::SeriesKey& roll_up, core::Dimension dimension) {
  const auto named = std::find_if(finding.attributes.begin(), finding.attributes.end(),
                                  [&](const core::Label& label) { return label.first == dimension; });
  // Calls that name none are of the roll-up of those that name none.
  return (named == finding.attributes.end() ? std::string() : named->second) == roll_up.label(dimension);
}

bool same_app(const core::Finding& a, const core::Finding& b) {
  const std::string app = a.series.label(core::Dimension::app);
  return !app.empty() && app == b.series.label(core::Dimension::app);
}

bool began_at_once(const core::Finding& a, const core::Finding& b, const config::PageSettings& pages) {
  const core::EventTime from = std::min(a.onset_earliest, b.onset_earliest);
  const core::EventTime to = std::max(a.onset_latest, b.onset_latest);
  return to - from <= pages.group_within * 2;
}

bool told_one_by_one(const core::Finding& finding) {
  return finding.told_alone || finding.hard_limit || !finding.aspect.empty();
}

bool still_speaks(const Incident& incident, core::EventTime now) {
  return incident.open || now - *incident.event.resolved_at < kSpeaksForOthers;
}

bool ended_before(const Incident& incident, core::EventTime onset) {
  return !incident.open && *incident.event.resolved_at <= onset;
}

bool has_recovered(const Incident& incident, const std::string& detector) {
  return std::none_of(incident.parts.begin(), incident.parts.end(),
                      [&](const Part& part) { return part.finding.detector == detector && !part.recovered; });
}

}  // namespace

bool began_together(const core::Finding& a, const core::Finding& b, const config::PageSettings& pages) {
  return b.onset_earliest - pages.group_within <= a.onset_latest &&
         a.onset_earliest - pages.group_within <= b.onset_latest;
}

bool lies_within(const core::Finding& finding, const core::SeriesKey& roll_up) {
  if (finding.series == roll_up) return false;
  switch (roll_up.kind()) {
    case core::SeriesKind::app_model:
      return false;
    case core::SeriesKind::app:
      return finding.series.label(core::Dimension::app) == roll_up.label(core::Dimension::app);
    case core::SeriesKind::model:
      return finding.series.label(core::Dimension::model) == roll_up.label(core::Dimension::model);
    case core::SeriesKind::team:
      return same_value(finding, roll_up, core::Dimension::team);
    case core::SeriesKind::provider:
      return same_value(finding, roll_up, core::Dimension::provider);
    case core::SeriesKind::all:
      return true;
  }
  core::bug("series kind out of range");
}

bool told_by_wider(const Incident& incident, const core::Finding& finding, const config::PageSettings& pages) {
  const core::Finding& wider = incident.lead();
  if (!wider.symptom || !finding.symptom || wider.detector != finding.detector) return false;
  return lies_within(finding, incident.series) && began_together(wider, finding, pages) &&
         !ended_before(incident, finding.onset) &&
         finding.excess_usd_per_hour <= kHardlyMore * wider.excess_usd_per_hour;
}

bool told_alike(const Incident& incident, std::size_t others, const core::Finding& finding, core::EventTime now,
                const config::PageSettings& pages) {
  if (incident.series == finding.series || incident.series.kind() != finding.series.kind()) return false;
  if (told_one_by_one(finding) || !still_speaks(incident, now)) return false;
  return std::any_of(incident.parts.begin(), incident.parts.end(), [&](const Part& part) {
    const core::Finding& told = part.finding;
    if (told.detector != finding.detector || told_one_by_one(told)) return false;
    if (same_app(told, finding) || others >= kEnoughForOneCause) return began_together(told, finding, pages);
    return began_at_once(told, finding, pages);
  });
}

bool tells_of(const Incident& page, std::size_t others, const Incident& asking, core::EventTime now,
              const config::PageSettings& pages) {
  const bool paged = page.severity > core::Severity::info;
  if (!paged || page.event.status == core::AlertStatus::retracted) return false;
  return std::any_of(asking.parts.begin(), asking.parts.end(), [&](const Part& part) {
    if (part.recovered) return false;
    return told_by_wider(page, part.finding, pages) || told_alike(page, others, part.finding, now, pages);
  });
}

bool goes_on_alone(Incident& incident, const core::Finding& finding) {
  auto& alone = incident.alone;
  if (!alone || has_recovered(incident, alone->detector))
    alone = {finding.evaluated_at, finding.detector, finding.excess_so_far};
  const core::Duration since = finding.evaluated_at - alone->since;
  if (finding.detector != alone->detector || since < kSpeaksForOthers) return false;
  if (!finding.money_known) return true;
  const double lost = core::to_usd(finding.excess_so_far) - core::to_usd(alone->excess);
  return lost >= kStillLosing * finding.excess_usd_per_hour * core::to_hours(since);
}

}  // namespace costdrift::daemon
