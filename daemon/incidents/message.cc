#include "daemon/incidents/message.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/text.h"
#include "core/unit_text.h"
#include "daemon/answers/declared_changes.h"
#include "daemon/incidents/same_change.h"

namespace costdrift::daemon {
namespace {

constexpr std::size_t kElsewhereNamed = 10;
constexpr core::Duration kReplayLead = core::days(7);
constexpr core::Duration kReplayTail = core::minutes(10);

// Names come from events: one line, no markup games, not endless.
std::string shown(const std::string& text) { return core::escape_for_log(text, 128); }

std::string attribute(const core::AttributeSet& attributes, core::Dimension wanted) {
  for (const auto& [dimension, value] : attributes) {
    if (dimension == wanted) return value;
  }
  return {};
}

void add_money(core::AlertEvent& event, const core::Finding& lead) {
  if (!lead.money_known) return;
  event.usd_so_far = core::to_usd(lead.excess_so_far);
  event.usd_per_hour = lead.excess_usd_per_hour;
  event.usd_per_month = lead.excess_usd_per_month.value_or(lead.excess_usd_per_hour * core::kHoursPerMonth);
  const double so_far = core::to_usd(lead.excess_so_far);
  double split = 0;
  std::fill(std::begin(event.usd_split), std::end(event.usd_split), 0.0);
  for (std::size_t i = 0; i < lead.split.size() && so_far != 0; ++i) {
    event.usd_split[i] = core::to_usd(lead.split[i]) / so_far * lead.excess_usd_per_hour;
    split += event.usd_split[i];
  }
  event.usd_split[static_cast<int>(lead.cost_part)] += lead.excess_usd_per_hour - split;
}

void add_numbers(core::AlertEvent& event, const core::Finding& lead) {
  event.expected = lead.expected;
  event.observed = lead.observed;
  event.effect = lead.effect;
  event.effect_low = lead.effect_low;
  event.effect_high = lead.effect_high;
  event.log10_evidence = lead.log10_evidence;
  event.calls = lead.calls;
  add_money(event, lead);
}

void add_contributions(core::AlertEvent& event, const Incident& incident) {
  for (const auto& part : incident.parts) {
    const core::Finding& f = part.finding;
    if (&f == &incident.lead()) continue;
    const bool dollars = f.money_known && f.monetary;
    event.also.push_back({f.detector, f.onset, f.quantity, f.unit, f.expected, f.observed, f.effect,
                          dollars ? std::optional(f.excess_usd_per_hour) : std::nullopt});
  }
}

core::Elsewhere::Other other_of(const Incident& other, const core::SeriesKey& series) {
  const core::Finding& lead = other.lead();
  const bool dollars = lead.money_known && lead.monetary;
  return {.incident = {other.id, other.series},
          .effect = lead.effect,
          .usd_per_hour = dollars ? std::optional(lead.excess_usd_per_hour) : std::nullopt,
          .inside = lies_within(lead, series)};
}

core::Elsewhere summed(const std::vector<const Incident*>& others, const core::SeriesKey& series) {
  core::Elsewhere elsewhere;
  auto& largest = elsewhere.largest;
  for (const Incident* other : others) {
    largest.push_back(other_of(*other, series));
    elsewhere.inside += largest.back().inside ? 1 : 0;
    if (!largest.back().inside) elsewhere.usd_per_hour += largest.back().usd_per_hour.value_or(0);
  }
  elsewhere.incidents = static_cast<std::int64_t>(others.size());
  const auto rank = [](const core::Elsewhere::Other& other) {
    return std::tuple(!other.inside, -other.usd_per_hour.value_or(0), std::string_view(other.incident.id));
  };
  const auto named = static_cast<std::ptrdiff_t>(std::min(largest.size(), kElsewhereNamed));
  std::partial_sort(largest.begin(), largest.begin() + named, largest.end(),
                    [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  largest.resize(static_cast<std::size_t>(named));
  return elsewhere;
}

bool is_driver(const core::AlertEvent& event, const core::SeriesKey& series) {
  return std::any_of(event.drivers.begin(), event.drivers.end(), [&](const core::Driver& driver) {
    return series == core::SeriesKey::of({{driver.dimension, driver.value}});
  });
}

// "; $14 of it in support-bot; 3 other series drift alike, $56 an hour together"
std::string elsewhere_text(const core::AlertEvent& event) {
  std::string text;
  const core::Elsewhere::Other* part = where_inside(event);
  if (part != nullptr && !is_driver(event, part->incident.series)) {
    text += "; " + core::format_usd(*part->usd_per_hour) + " of it in " + shown(part->incident.series.display());
  }
  const std::int64_t alike = event.elsewhere.incidents - event.elsewhere.inside;
  if (alike <= 0) return text;
  text += "; " + core::group_digits(alike) + (alike == 1 ? " other series drifts alike" : " other series drift alike");
  if (event.usd_per_hour && event.elsewhere.usd_per_hour > 0) {
    text += ", " + core::format_usd(*event.usd_per_hour + event.elsewhere.usd_per_hour) + " an hour together";
  }
  return text;
}

std::string quiet_if(const core::Finding& lead, const config::PageSettings& pages) {
  if (!lead.quiet_if.empty()) return lead.quiet_if;
  return "effect below " + core::describe_percent(pages.min_effect).substr(1) + " or under " +
         core::format_usd(pages.min_usd_per_hour) + "/h";
}

core::EventTime newest_report(const Incident& incident, const std::vector<const Incident*>& elsewhere) {
  core::EventTime newest = incident.event.updated_at;
  for (const auto& part : incident.parts) newest = std::max(newest, part.finding.evaluated_at);
  for (const Incident* other : elsewhere) newest = std::max(newest, other->lead().evaluated_at);
  return newest;
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

std::string replay_command(const core::AlertEvent& event, const config::Settings& settings) {
  return "costdrift replay --config " + settings.source_path + " --kafka --from " +
         core::format_rfc3339(core::floor_to(event.onset - kReplayLead, core::hours(1))) + " --to " +
         core::format_rfc3339(core::floor_to(event.detected_at + kReplayTail, core::minutes(1)));
}

// "began 4 min after the declared deploy "prompt v7" by ana"
std::string began(const core::AlertEvent& event) {
  const core::DeclaredChange& change = *event.declared_change;
  const core::Duration after = event.onset - change.at;
  const std::string declared = "the declared " + describe(change);
  if (after >= core::minutes(1)) return "began " + core::describe_duration(after) + " after " + declared;
  if (after > core::minutes(-1)) return "began with " + declared;
  return "may have begun with " + declared + " at " + core::format_clock(change.at);
}

}  // namespace

const core::Elsewhere::Other* where_inside(const core::AlertEvent& event) {
  const core::Elsewhere::Other* found = nullptr;
  for (const auto& other : event.elsewhere.largest) {
    const double half = event.usd_per_hour.value_or(0) / 2;
    if (!other.inside || !other.usd_per_hour || *other.usd_per_hour < half) continue;
    if (found == nullptr || other.incident.series.kind() < found->incident.series.kind()) found = &other;
  }
  return found;
}

std::string summary_line(const core::AlertEvent& event, const core::Finding& lead) {
  std::string line =
      shown(event.series.display()) + ": " + event.quantity + " " + core::describe_value(event.observed, event.unit);
  if (event.expected > 0) {
    line += ", expected " + core::describe_value(event.expected, event.unit) + " (" +
            core::describe_percent(event.effect) + ")";
  }
  const bool earlier_day =
      core::floor_to(event.onset, core::days(1)) != core::floor_to(event.detected_at, core::days(1));
  line += " since " + core::format_clock(event.onset, earlier_day);
  if (event.usd_per_hour) {
    line += "; " + core::format_rate(*event.usd_per_hour, event.usd_per_month.value_or(0));
  } else if (lead.monetary) {
    line += "; dollars unknown: no price for the model";
  }
  if (!event.drivers.empty()) {
    const core::Driver& driver = event.drivers.front();
    line += "; " + core::describe_number(std::round(driver.share * 100)) + " % of it is " +
            std::string(core::dimension_name(driver.dimension)) + " " + shown(driver.value);
  }
  line += elsewhere_text(event);
  if (event.declared_change) line += "; " + began(event);
  return lead.note.empty() ? line : line + "; " + lead.note;
}

core::AlertEvent describe(const Incident& incident, const config::Settings& settings, const core::DeclaredChange* cause,
                          const std::vector<const Incident*>& elsewhere) {
  const core::Finding& lead = incident.lead();
  core::AlertEvent event;
  event.incident_id = incident.id;
  event.detector = lead.detector;
  event.severity = incident.severity;
  event.series = incident.series;
  event.labels = incident.series.labels();
  for (const auto& [dimension, value] : lead.attributes) event.labels.emplace_back(dimension, value);
  event.onset = lead.onset;
  event.onset_earliest = lead.onset_earliest;
  event.onset_latest = lead.onset_latest;
  const bool is_new = incident.event.incident_id.empty();
  event.detected_at = is_new ? lead.evaluated_at : incident.event.detected_at;
  event.updated_at = newest_report(incident, elsewhere);
  event.acknowledged_at = incident.event.acknowledged_at;
  event.acknowledged_by = incident.event.acknowledged_by;
  event.snoozed_until = incident.event.snoozed_until;
  event.unit = lead.unit;
  event.quantity = lead.quantity;
  add_numbers(event, lead);
  event.drivers = lead.drivers;
  if (cause != nullptr) event.declared_change = *cause;
  event.owner_team = attribute(lead.attributes, core::Dimension::team);
  event.owner = attribute(lead.attributes, core::Dimension::owner);
  event.cost_center = attribute(lead.attributes, core::Dimension::cost_center);
  event.samples = lead.samples;
  add_contributions(event, incident);
  event.told_by = incident.event.told_by;
  event.elsewhere = summed(elsewhere, incident.series);
  event.summary = summary_line(event, lead);
  event.quiet_if = quiet_if(lead, settings.pages);
  if (!settings.http.public_url.empty()) event.incident_url = settings.http.public_url + "/#" + incident.id;
  event.runbook_url = replaced(settings.runbook_url, "{detector}", lead.detector);
  event.replay_command = replay_command(event, settings);
  return event;
}

void refresh_numbers(core::AlertEvent& event, const Incident& incident, const std::vector<const Incident*>& elsewhere) {
  const core::Finding& lead = incident.lead();
  if (lead.detector != event.detector || lead.unit != event.unit || lead.quantity != event.quantity) return;
  event.updated_at = newest_report(incident, elsewhere);
  event.elsewhere = summed(elsewhere, incident.series);
  add_numbers(event, lead);
}

}  // namespace costdrift::daemon
