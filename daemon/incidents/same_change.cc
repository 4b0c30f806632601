#include "daemon/incidents/same_change.h"

#include <algorithm>

namespace costdrift::daemon {
namespace {

constexpr double kHardlyMore = 1.25;
constexpr core::Duration kSpeaksForOthers = core::hours(1);
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

bool told_one_by_one(const core::Finding& finding) { return finding.told_alone || finding.hard_limit; }

bool ended_before(const Incident& incident, core::EventTime onset) {
  return !incident.open && *incident.event.resolved_at <= onset;
}

}  // namespace

bool same_source(const core::Finding& a, const core::Finding& b) {
  return a.detector == b.detector && a.aspect == b.aspect;
}

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

bool told_by_wider(const Incident& page, const core::Finding& finding, const config::PageSettings& pages) {
  if (!finding.symptom || !lies_within(finding, page.series) || ended_before(page, finding.onset)) return false;
  return std::any_of(page.parts.begin(), page.parts.end(), [&](const Part& part) {
    const core::Finding& wider = part.finding;
    return wider.symptom && wider.detector == finding.detector && began_together(wider, finding, pages) &&
           finding.excess_usd_per_hour <= kHardlyMore * wider.excess_usd_per_hour;
  });
}

bool told_alike(const Incident& page, bool apps_alike, const core::Finding& finding,
                const config::PageSettings& pages) {
  if (page.series == finding.series || page.series.kind() != finding.series.kind()) return false;
  if (told_one_by_one(finding) || ended_before(page, finding.onset)) return false;
  return std::any_of(page.parts.begin(), page.parts.end(), [&](const Part& part) {
    const core::Finding& told = part.finding;
    if (!same_source(told, finding) || told_one_by_one(told) || !began_together(told, finding, pages)) return false;
    return same_app(told, finding) || apps_alike || began_at_once(told, finding, pages);
  });
}

bool tells_of(const Incident& page, bool apps_alike, const Incident& asking, const core::Finding& newest,
              const config::PageSettings& pages) {
  const bool paged = page.severity > core::Severity::info;
  if (!paged || page.event.status == core::AlertStatus::retracted || told_one_by_one(newest)) return false;
  return std::any_of(asking.parts.begin(), asking.parts.end(), [&](const Part& part) {
    const core::Finding& told = part.finding;
    const bool same = same_source(told, newest) || (newest.aspect.empty() && began_together(told, newest, pages));
    if (part.recovered || !same) return false;
    return told_by_wider(page, told, pages) || told_alike(page, apps_alike, told, pages);
  });
}

bool still_speaks(const Incident& page, core::EventTime now) {
  return page.open || now - *page.event.resolved_at < kSpeaksForOthers;
}

bool goes_on_alone(Part& part) {
  const core::Finding& finding = part.finding;
  if (!part.alone) part.alone = {finding.evaluated_at, finding.excess_so_far};
  const core::Duration since = finding.evaluated_at - part.alone->since;
  if (since < kSpeaksForOthers) return false;
  if (!finding.money_known) return true;
  const double lost = core::to_usd(finding.excess_so_far) - core::to_usd(part.alone->excess);
  return lost >= kStillLosing * finding.excess_usd_per_hour * core::to_hours(since);
}

}  // namespace costdrift::daemon
