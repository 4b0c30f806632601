#include "daemon/incidents/lifecycle.h"

#include <algorithm>
#include <cmath>

#include "daemon/incidents/message.h"
#include "daemon/incidents/same_change.h"

namespace costdrift::daemon {
namespace {

constexpr core::Duration kQuietBetweenUpdates = core::minutes(15);
constexpr core::Duration kOutlives = core::hours(1);
constexpr core::Duration kSoonEnoughToRetract = core::hours(4);
constexpr double kMaterialChange = 0.30;

double relative_change(double before, double now) { return std::abs(now - before) / std::max(std::abs(before), 1e-9); }

// What was told is over; of what goes on its lag behind that is left, until it has outlived it.
bool told_is_over(const Incident& incident) {
  bool over = false;
  for (const Part& part : incident.parts) {
    if (part.finding.detector != incident.event.detector) continue;
    if (!part.recovered) return false;
    over = true;
  }
  return over;
}

// Parts of one cause end within minutes of each other; one that does not is what the incident is about now.
std::optional<std::string> outlived(const Incident& incident, const core::AlertEvent& next) {
  if (next.detector == incident.event.detector) return std::nullopt;
  for (const Part& part : incident.parts) {
    if (!part.recovered || part.finding.detector != incident.event.detector) continue;
    if (incident.lead().evaluated_at - part.finding.evaluated_at < kOutlives) continue;
    const bool learned = part.finding.phase == core::FindingPhase::absorbed;
    if (learned && incident.lead().symptom) continue;  // of what goes on, which is normal now
    return part.finding.detector + (learned ? " was learned as normal, " : " is back at its baseline, ") +
           next.detector + " goes on";
  }
  return std::nullopt;
}

// A team says little of where the money goes; an application, or one of its models, does.
bool says_where(const core::AlertEvent& event) {
  const bool names_app = std::any_of(event.drivers.begin(), event.drivers.end(), [](const core::Driver& driver) {
    return driver.dimension == core::Dimension::app;
  });
  if (names_app || event.elsewhere.incidents > event.elsewhere.inside) return true;
  const core::Elsewhere::Other* part = where_inside(event);
  return part != nullptr && part->incident.series.kind() != core::SeriesKind::team;
}

double usd_per_hour_together(const core::AlertEvent& event) {
  return event.usd_per_hour.value_or(0) + event.elsewhere.usd_per_hour;
}

std::optional<std::string> news_of_others(const core::AlertEvent& last, const core::AlertEvent& next) {
  if (next.updated_at - last.updated_at < kQuietBetweenUpdates || !says_where(next)) return std::nullopt;
  if (!says_where(last))
    return next.elsewhere.incidents > next.elsewhere.inside ? "other series drift alike" : "it is known where";
  const bool much_more = relative_change(usd_per_hour_together(last), usd_per_hour_together(next)) > kMaterialChange;
  if (next.elsewhere.incidents > last.elsewhere.incidents && much_more) return "more series drift alike";
  return std::nullopt;
}

// Less an hour alone is how an application goes to sleep: then a month costs what it did.
bool money_moved(const core::AlertEvent& last, const core::AlertEvent& next) {
  const double before = usd_per_hour_together(last), now = usd_per_hour_together(next);
  if (relative_change(before, now) <= kMaterialChange) return false;
  return now > before ||
         relative_change(last.usd_per_month.value_or(0), next.usd_per_month.value_or(0)) > kMaterialChange;
}

}  // namespace

// A large loss pages at once, whatever a series is used to; then it must be large by the lower bound of the effect.
double certain_usd_per_hour(const core::Finding& finding) {
  if (!finding.below_money_gate || finding.effect == 0) return finding.excess_usd_per_hour;
  return finding.excess_usd_per_hour * std::clamp(finding.harm_low / std::abs(finding.effect), 0.0, 1.0);
}

Gate weigh(const core::Finding& finding, const config::PageSettings& pages) {
  if (finding.exact && finding.harm_low <= 0) return Gate::immaterial;
  if (!finding.hard_limit && !finding.exact && !core::material(finding, pages.min_effect)) return Gate::immaterial;
  if (finding.money_known && certain_usd_per_hour(finding) >= pages.critical_usd_per_hour) return Gate::urgent_page;
  if (finding.hard_limit) return Gate::page;
  if (!finding.money_known && finding.page_without_money) return Gate::page;
  if (!finding.money_known || finding.excess_usd_per_hour < pages.min_usd_per_hour) return Gate::ticket;
  return finding.below_money_gate ? Gate::ticket : Gate::page;
}

core::Severity severity_of(Gate gate) {
  switch (gate) {
    case Gate::immaterial:
    case Gate::ticket:
      return core::Severity::info;
    case Gate::page:
      return core::Severity::warning;
    case Gate::urgent_page:
      return core::Severity::critical;
  }
  core::bug("unknown gate");
}

bool same_cause(const Incident& incident, const core::Finding& finding, const config::PageSettings& pages) {
  if (finding.told_alone || incident.lead().told_alone) return same_source(incident.lead(), finding);
  if (incident.lead().symptom && !finding.symptom && finding.onset_latest >= incident.onset() - pages.group_within)
    return true;
  return std::any_of(incident.parts.begin(), incident.parts.end(), [&](const Part& part) {
    return part.finding.detector == finding.detector || began_together(part.finding, finding, pages);
  });
}

bool echo_of(const Incident& resolved, const core::Finding& finding, const config::PageSettings& pages) {
  if (!resolved.event.resolved_at || finding.told_alone) return false;
  // Another run over a hard limit is another one.
  const bool dismissed = resolved.dismissed && !finding.hard_limit && finding.onset <= *resolved.event.resolved_at;
  if (dismissed && same_cause(resolved, finding, pages)) return true;
  const core::EventTime from = std::max(resolved.onset() - pages.group_within, finding.onset);
  const core::EventTime to = std::min(*resolved.event.resolved_at, finding.evaluated_at);
  return to > from && (to - from) * 2 > finding.evaluated_at - finding.onset;
}

void record(Incident& incident, const core::Finding& finding) {
  const bool over = finding.phase != core::FindingPhase::drifting;
  for (auto& part : incident.parts) {
    if (!same_source(part.finding, finding)) continue;
    part.finding = finding;
    part.recovered = over;
    return;
  }
  if (!over) incident.parts.push_back({finding, false});
}

std::optional<std::string> worth_telling(const Incident& incident, const core::AlertEvent& next) {
  const core::AlertEvent& last = incident.event;
  if (next.severity > last.severity) return "severity rose to " + std::string(core::severity_name(next.severity));
  // Somebody is on it, or another page is: only what is worse than they know is worth another message.
  if (last.acknowledged_at || next.told_by) return std::nullopt;
  if (auto other = outlived(incident, next)) return other;
  if (auto others = news_of_others(last, next)) return others;
  if (told_is_over(incident) || next.updated_at - last.detected_at < kQuietBetweenUpdates) return std::nullopt;
  // Once, whether or not severity rose before: that was told of the first minutes.
  if (last.updated_at - last.detected_at >= kQuietBetweenUpdates) return std::nullopt;
  const bool effect_moved = relative_change(last.effect, next.effect) > kMaterialChange;
  if (effect_moved || money_moved(last, next)) return "the estimate has sharpened";
  return std::nullopt;
}

bool collapsed(const Incident& incident, core::EventTime now, const config::PageSettings& pages) {
  if (now - incident.event.detected_at > kSoonEnoughToRetract) return false;
  return std::all_of(incident.parts.begin(), incident.parts.end(), [&](const Part& part) {
    const core::Finding& f = part.finding;
    const double most = std::max(std::abs(f.effect_low), std::abs(f.effect_high));
    return part.recovered || (!f.hard_limit && !f.exact && most < pages.min_effect);
  });
}

bool recovered(const Incident& incident) {
  return std::all_of(incident.parts.begin(), incident.parts.end(), [](const Part& part) { return part.recovered; });
}

bool absorbed(const Incident& incident) { return incident.lead().phase == core::FindingPhase::absorbed; }

}  // namespace costdrift::daemon
