#include "daemon/incidents/incident_book.h"

#include <algorithm>
#include <iterator>

#include "core/text.h"
#include "core/time.h"
#include "daemon/incidents/message.h"
#include "daemon/incidents/same_change.h"

namespace costdrift::daemon {
namespace {

constexpr core::Duration kSweepEvery = core::minutes(1);
constexpr core::Duration kKeepResolved = core::days(2);
constexpr core::Duration kKeepAwhile = core::days(7);  // what was learned, and what may go on when calls come back
constexpr core::Duration kSymptomsLag = core::days(3);
constexpr double kHalfExplains = 2;  // an incident explains a symptom of which it is half
constexpr double kHardlyMore = 1.25;
constexpr std::string_view kToldByNobody = "the incident that told of it has ended, and this goes on";

double largest_usd_per_hour(const Incident& incident) {
  double largest = incident.lead().excess_usd_per_hour;
  for (const Part& part : incident.parts) {
    if (!part.recovered) largest = std::max(largest, part.finding.excess_usd_per_hour);
  }
  return largest;
}

// Of what a symptom tells, by an incident inside its series that is open, or by one inside or of the series itself whose
// cause was learned as normal: until those who watch its symptoms have learned it too, and hardly more than it cost. A team
// to which an application moved spends more, and nothing has become dearer: what moved explains the rise of the team that
// it moved to.
// What the incident costs is what its largest part does, whichever leads.
double dollars_explained(const Incident& incident, const core::Finding& symptom) {
  const core::Finding& lead = incident.lead();
  const core::SeriesKey& series = symptom.series;
  const double moved = series.kind() == core::SeriesKind::team ? lead.moved_usd_per_hour : 0;
  if (incident.open) return lies_within(lead, series) ? kHalfExplains * (largest_usd_per_hour(incident) + moved) : 0;
  const bool cause_learned = absorbed(incident) && !lead.symptom && !same_source(lead, symptom) &&
                             symptom.onset <= *incident.event.resolved_at + kSymptomsLag;
  if (!cause_learned || !(lead.series == series || lies_within(lead, series))) return 0;
  return kHardlyMore * lead.excess_usd_per_hour + kHalfExplains * moved;
}

// Ended for want of traffic: nobody has said that it is over.
bool fell_silent(const Incident& incident) {
  return !incident.open && incident.event.status == core::AlertStatus::resolved && !incident.dismissed &&
         !recovered(incident) && !absorbed(incident);
}

bool tells_of_the_same(const Incident& incident, const core::Finding& finding) {
  return std::any_of(incident.parts.begin(), incident.parts.end(), [&](const Part& part) {
    return !part.recovered && same_source(part.finding, finding) && part.finding.onset == finding.onset;
  });
}

// When deadlines are looked at next: a function of event time alone, so that a restart does not move it.
core::EventTime sweep_after(core::EventTime now) { return core::floor_to(now, kSweepEvery) + kSweepEvery; }

void append(std::vector<core::AlertEvent>& events, std::vector<core::AlertEvent> more) {
  std::move(more.begin(), more.end(), std::back_inserter(events));
}

}  // namespace

core::Result<void> IncidentBook::load(core::EventTime closed_until) {
  core::Result<void> result;
  table_.scan([&](std::string_view, std::string_view bytes) {
    auto incident = decode_incident(bytes);
    if (!incident) {
      result = incident.error();
      return false;
    }
    by_series_[incident->series.text()].push_back(incident->id);
    if (incident->event.told_by) tells_of_[incident->event.told_by->id].insert(incident->id);
    if (incident->held) held_.insert(incident->id);
    incidents_.emplace(incident->id, *std::move(incident));
    return true;
  });
  for (auto& [series, ids] : by_series_) sort_oldest_first(ids);
  ++changes_;
  if (closed_until != core::EventTime::min()) next_sweep_ = sweep_after(closed_until);
  return result;
}

void IncidentBook::clear() {
  for (const auto& [id, incident] : incidents_) table_.erase(id);
  incidents_.clear();
  by_series_.clear();
  tells_of_.clear();
  held_.clear();
  ++changes_;
}

void IncidentBook::copy(const IncidentBook& other) {
  clear();
  incidents_ = other.incidents_;
  by_series_ = other.by_series_;
  tells_of_ = other.tells_of_;
  held_ = other.held_;
  next_sweep_ = other.next_sweep_;
  for (const auto& [id, incident] : incidents_) save(incident);
}

// Of incidents that opened in the same bucket, the order must be the same after a restart: by id.
void IncidentBook::sort_oldest_first(std::vector<std::string>& ids) const {
  std::sort(ids.begin(), ids.end(), [&](const std::string& a, const std::string& b) {
    return std::pair(incidents_.at(a).event.detected_at, a) < std::pair(incidents_.at(b).event.detected_at, b);
  });
}

const Incident* IncidentBook::open_for(const core::Finding& finding) const {
  const auto found = by_series_.find(finding.series.text());
  if (found == by_series_.end()) return nullptr;
  for (const auto& id : found->second) {
    const Incident& incident = incidents_.at(id);
    if (incident.open && same_cause(incident, finding, settings_.pages)) return &incident;
  }
  return nullptr;
}

bool IncidentBook::is_echo(const core::Finding& finding) const {
  const auto found = by_series_.find(finding.series.text());
  if (found == by_series_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const std::string& id) {
    const Incident& incident = incidents_.at(id);
    return !incident.open && (echo_of(incident, finding, settings_.pages) || incident.id == incident_id(finding));
  });
}

bool IncidentBook::is_explained(const core::Finding& finding) const {
  if (!finding.symptom) return false;
  double explained = 0;
  for (const auto& [id, incident] : incidents_) explained += dollars_explained(incident, finding);
  return explained > 0 && explained >= finding.excess_usd_per_hour;
}

std::vector<core::AlertEvent> IncidentBook::apply(const core::Finding& finding) {
  if (const Incident* incident = open_for(finding)) return revise(incidents_.at(incident->id), finding);
  if (finding.phase != core::FindingPhase::drifting) {
    note_end(finding);
    return {};
  }
  if (weigh(finding, settings_.pages) == Gate::immaterial) return {};
  if (const Incident* ended = ended_too_soon(finding)) return reopen(incidents_.at(ended->id), finding);
  if (is_echo(finding) || is_explained(finding)) return {};
  return open(finding);
}

std::optional<Withheld> IncidentBook::withheld(const core::Finding& finding) const {
  if (finding.phase != core::FindingPhase::drifting || open_for(finding) != nullptr) return std::nullopt;
  if (weigh(finding, settings_.pages) == Gate::immaterial) return Withheld::immaterial;
  if (ended_too_soon(finding) != nullptr) return std::nullopt;
  if (is_echo(finding)) return Withheld::echo;
  if (is_explained(finding)) return Withheld::explained;
  return std::nullopt;
}

bool IncidentBook::would_open(const core::Finding& finding) const {
  return finding.phase == core::FindingPhase::drifting && open_for(finding) == nullptr && !withheld(finding);
}

core::AlertEvent IncidentBook::described(const Incident& incident) const {
  const core::DeclaredChange* cause = declared_ == nullptr ? nullptr : declared_->cause_of(incident.lead());
  return describe(incident, settings_, cause, elsewhere(incident));
}

Incident& IncidentBook::admit(const core::Finding& finding) {
  Incident incident;
  incident.id = incident_id(finding);
  incident.series = finding.series;
  record(incident, finding);
  incident.event.version = 0;
  return incidents_.insert_or_assign(incident.id, std::move(incident)).first->second;
}

void IncidentBook::list(const Incident& incident) {
  auto& ids = by_series_[incident.series.text()];
  ids.push_back(incident.id);
  sort_oldest_first(ids);
}

std::vector<core::AlertEvent> IncidentBook::open(const core::Finding& finding) {
  Incident& incident = admit(finding);
  weigh_in(incident, finding);
  const std::string_view reason = incident.event.told_by                      ? kToldByPage
                                  : incident.severity == core::Severity::info ? "effect without much money: a ticket"
                                                                              : "effect and money are over their gates";
  std::vector<core::AlertEvent> events = {
      next_version(incident, described(incident), core::AlertStatus::firing, std::string(reason))};
  list(incident);
  append(events, review_teller(incident));
  return events;
}

std::optional<core::AlertEvent> IncidentBook::ended_by(const core::Finding& finding, Incident& incident) {
  if (recovered(incident)) {
    return resolve(incident, finding.evaluated_at,
                   absorbed(incident) ? "it goes on and nobody objected: learned as normal" : "back at its baseline");
  }
  if (!collapsed(incident, finding.evaluated_at, settings_.pages)) return std::nullopt;
  return resolve(
      incident, finding.evaluated_at,
      "the effect has turned out to be " + core::describe_percent(incident.lead().effect) + ", too small to matter",
      core::AlertStatus::retracted);
}

std::vector<core::AlertEvent> IncidentBook::tell(Incident& incident, std::string_view news) {
  core::AlertEvent event = described(incident);
  const auto reason = news.empty() ? worth_telling(incident, event) : std::string(news);
  if (reason) return {next_version(incident, std::move(event), core::AlertStatus::updated, *reason)};
  save(incident);
  return {};
}

std::vector<core::AlertEvent> IncidentBook::revise(Incident& incident, const core::Finding& finding) {
  const bool drifting = finding.phase == core::FindingPhase::drifting;
  const bool known = std::any_of(incident.parts.begin(), incident.parts.end(), [&](const Part& part) {
    return part.finding.detector == finding.detector && part.finding.aspect == finding.aspect;
  });
  if (!known && (!drifting || weigh(finding, settings_.pages) == Gate::immaterial)) return {};
  record(incident, finding);
  if (auto end = ended_by(finding, incident)) return {*std::move(end)};
  const auto told_by = incident.event.told_by;
  if (drifting) weigh_in(incident, finding);
  raise_together(incident);
  std::string_view news;
  if (told_by && !incident.event.told_by && !is_open(told_by->id)) news = kToldByNobody;
  if (!told_by && incident.event.told_by) news = kToldByPage;
  auto events = tell(incident, news);
  if (incident.event.told_by != told_by) append(events, review_teller(incident));
  return events;
}

core::AlertEvent IncidentBook::next_version(Incident& incident, core::AlertEvent event, core::AlertStatus status,
                                            std::string reason) {
  event.version = incident.event.version + 1;
  event.status = status;
  event.reason = std::move(reason);
  incident.event = event;
  save(incident);
  return event;
}

core::AlertEvent IncidentBook::resolve(Incident& incident, core::EventTime at, std::string reason,
                                       core::AlertStatus how) {
  core::AlertEvent event = described(incident);
  event.resolved_at = at;
  event.updated_at = at;
  incident.open = false;
  return next_version(incident, std::move(event), how, std::move(reason));
}

// What ends while nobody hears of the incident does not go on when its calls come back.
void IncidentBook::note_end(const core::Finding& finding) {
  const auto found = by_series_.find(finding.series.text());
  if (found == by_series_.end()) return;
  for (const auto& id : found->second) {
    Incident& incident = incidents_.at(id);
    if (!fell_silent(incident) || !tells_of_the_same(incident, finding)) continue;
    record(incident, finding);
    save(incident);
    return;
  }
}

// A retracted incident whose change turns out to matter after all, and one that ended because there was no traffic, goes
// on as the same incident.
const Incident* IncidentBook::ended_too_soon(const core::Finding& finding) const {
  const auto same = incidents_.find(incident_id(finding));
  if (same != incidents_.end() && same->second.event.status == core::AlertStatus::retracted) return &same->second;
  const auto found = by_series_.find(finding.series.text());
  if (found == by_series_.end() || finding.told_alone) return nullptr;
  for (const auto& id : found->second) {
    const Incident& incident = incidents_.at(id);
    if (fell_silent(incident) && tells_of_the_same(incident, finding)) return &incident;
  }
  return nullptr;
}

std::vector<core::AlertEvent> IncidentBook::reopen(Incident& incident, const core::Finding& finding) {
  const std::string_view reason = incident.event.status == core::AlertStatus::retracted
                                      ? "retracted before, but the effect is large enough again"
                                      : "its calls have come back, and it goes on";
  incident.open = true;
  record(incident, finding);
  weigh_in(incident, finding);
  std::vector<core::AlertEvent> events = {
      next_version(incident, described(incident), core::AlertStatus::updated, std::string(reason))};
  append(events, review_teller(incident));
  return events;
}

std::vector<core::AlertEvent> IncidentBook::advance_to(core::EventTime now, const LastSeen& last_seen) {
  if (now < next_sweep_) return {};
  next_sweep_ = sweep_after(now);
  std::vector<core::AlertEvent> events;
  for (auto& [id, incident] : incidents_) {
    if (!incident.open) continue;
    const core::Duration silence = settings_.pages.resolve_after_silence;
    const core::EventTime told = std::max(incident.lead().evaluated_at, incident.event.detected_at);
    if (now - std::max(last_seen(incident.series), told) < silence) continue;
    events.push_back(resolve(incident, now, "no traffic for " + core::format_duration(silence)));
  }
  forget_old(now);
  return events;
}

void IncidentBook::forget_old(core::EventTime now) {
  std::vector<std::pair<core::EventTime, std::string>> resolved;
  for (const auto& [id, incident] : incidents_) {
    if (!incident.open) resolved.emplace_back(*incident.event.resolved_at, id);
  }
  std::sort(resolved.begin(), resolved.end());
  const auto surplus = static_cast<std::int64_t>(incidents_.size()) - settings_.limits.max_incidents_kept;
  for (std::size_t i = 0; i < resolved.size(); ++i) {
    const auto& [at, id] = resolved[i];
    const Incident& incident = incidents_.at(id);
    const core::Duration keep = absorbed(incident) || fell_silent(incident) ? kKeepAwhile : kKeepResolved;
    if (now - at < keep && static_cast<std::int64_t>(i) >= surplus) continue;
    std::erase(by_series_[incidents_.at(id).series.text()], id);
    link(incidents_.at(id), nullptr);
    table_.erase(id);
    incidents_.erase(id);
    ++changes_;
  }
}

void IncidentBook::told(const std::string& id, const std::string& sink) {
  const auto found = incidents_.find(id);
  if (found != incidents_.end() && found->second.told.insert(sink).second) save(found->second);
}

const std::set<std::string>& IncidentBook::told_sinks(const std::string& id) const {
  static const std::set<std::string> none;
  const auto found = incidents_.find(id);
  return found == incidents_.end() ? none : found->second.told;
}

std::vector<core::AlertEvent> IncidentBook::newest(std::size_t limit) const {
  std::vector<const Incident*> all;
  for (const auto& [id, incident] : incidents_) all.push_back(&incident);
  const auto rank = [](const Incident& incident) {
    const core::EventTime changed = incident.event.resolved_at.value_or(incident.event.detected_at);
    return std::tuple(!incident.open, incident.open && incident.event.told_by, -changed.us, incident.id);
  };
  std::sort(all.begin(), all.end(), [&](const Incident* a, const Incident* b) { return rank(*a) < rank(*b); });
  std::vector<core::AlertEvent> events;
  for (std::size_t i = 0; i < all.size() && i < limit; ++i) {
    events.push_back(all[i]->event);
    if (all[i]->open) refresh_numbers(events.back(), *all[i], elsewhere(*all[i]));
  }
  return events;
}

std::int64_t IncidentBook::open_count() const {
  return std::count_if(incidents_.begin(), incidents_.end(), [](const auto& item) { return item.second.open; });
}

}  // namespace costdrift::daemon
