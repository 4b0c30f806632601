#include "replay/scorecard.h"

#include <algorithm>

#include "core/money.h"
#include "daemon/incidents/routing.h"

namespace costdrift::replay {
namespace {

std::string route_of(const core::AlertEvent& event, const config::Settings& settings) {
  std::string route;
  for (const auto& sink : daemon::sinks_for(event, settings)) route += (route.empty() ? "" : ", ") + sink;
  return route.empty() ? "nobody" : route;
}

int hour_of_day(core::EventTime at) {
  return static_cast<int>((at - core::floor_to(at, core::days(1))).us / core::hours(1).us);
}

std::string ticket_reason(const ToldIncident& incident, const config::PageSettings& pages) {
  const core::AlertEvent& event = incident.last;
  // A declared change announced it, so that it never went on.
  if (event.version == 1 && event.resolved_at) return event.reason;
  const std::string told = "told as a ticket by " + event.detector + ": ";
  if (!event.usd_per_hour) return told + "no dollars are known";
  if (*event.usd_per_hour < pages.min_usd_per_hour) {
    return told + core::format_usd(*event.usd_per_hour) + "/h is under min_usd_per_hour " +
           core::format_usd(pages.min_usd_per_hour);
  }
  return told + core::format_usd(event.usd_so_far.value_or(0)) +
         " lost is under the money gate of the series, which often shows new shapes";
}

class Scorer {
 public:
  Scorer(const std::vector<IncidentLabel>& labels, const std::vector<ToldIncident>& incidents, const MissWatch& misses,
         const config::Settings& settings)
      : labels_(labels), incidents_(incidents), misses_(misses), settings_(settings) {
    card_.labels.resize(labels.size());
    card_.incidents.resize(incidents.size());
  }

  Scorecard run() {
    for (std::size_t i = 0; i < incidents_.size(); ++i) judge(i);
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (labels_[i].real) conclude(i);
    }
    std::sort(delays_.begin(), delays_.end());
    if (!delays_.empty()) card_.median_delay = delays_[delays_.size() / 2];
    return std::move(card_);
  }

 private:
  std::optional<std::size_t> label_of(const core::AlertEvent& event) const {
    std::optional<std::size_t> other;
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (!labels_[i].real || !means(labels_[i], event)) continue;
      if (!card_.labels[i].incident) return i;
      if (!other) other = i;
    }
    return other;
  }

  // The incident that means a label: itself, or of a page one that it told of.
  std::size_t meaning_of(std::size_t place) const {
    const ToldIncident& incident = incidents_[place];
    if (!incident.page || label_of(incident.told())) return place;
    for (std::size_t i = 0; i < incidents_.size(); ++i) {
      const auto page = incidents_[i].told_by();
      if (page && page->id == incident.page->incident_id && label_of(incidents_[i].told())) return i;
    }
    return place;
  }

  void judge(std::size_t place) {
    const ToldIncident& incident = incidents_[place];
    IncidentScore& result = card_.incidents[place];
    result.route = route_of(incident.told(), settings_);
    const std::size_t meant = meaning_of(place);
    result.label = label_of(incidents_[meant].told());
    if (!incident.page) {
      result.verdict = incident.muted ? Verdict::muted : incident.told_along() ? Verdict::along : Verdict::ticket;
      card_.tickets += incident.muted ? 0 : 1;
      if (incident.told_along() && result.label && !card_.labels[*result.label].incident) find(*result.label, place);
      return;
    }
    ++card_.pages;
    ++card_.pages_by_route[result.route];
    ++card_.pages_by_hour[static_cast<std::size_t>(hour_of_day(incident.page->updated_at))];
    if (!result.label) {
      result.verdict = labels_.empty() ? Verdict::unjudged : Verdict::false_page;
      card_.false_pages += labels_.empty() ? 0 : 1;
    } else if (card_.labels[*result.label].incident) {
      result.verdict = Verdict::duplicate;
      ++card_.duplicates;
    } else {
      result.verdict = Verdict::hit;
      find(*result.label, meant);
    }
  }

  void find(std::size_t label, std::size_t place) {
    const core::AlertEvent& page = incidents_[place].told();
    LabelScore& result = card_.labels[label];
    result.incident = place;
    result.delay = std::max(page.updated_at - labels_[label].from, core::Duration{});
    result.usd_before = page.usd_so_far;
    const auto in_all = incidents_[place].last.usd_so_far;
    if (in_all && page.usd_so_far) result.usd_after = std::max(0.0, *in_all - *page.usd_so_far);
    card_.usd_before += result.usd_before.value_or(0);
    card_.usd_after += result.usd_after.value_or(0);
    delays_.push_back(result.delay);
  }

  void conclude(std::size_t label) {
    LabelScore& result = card_.labels[label];
    ++card_.real_labels;
    result.usd_spent = core::to_usd(misses_.spent(label));
    if (result.incident) {
      ++card_.found;
      return;
    }
    ++card_.missed;
    for (std::size_t i = 0; i < incidents_.size() && result.reason.empty(); ++i) {
      if (!incidents_[i].page && !incidents_[i].muted && means(labels_[label], incidents_[i].first)) {
        result.reason = ticket_reason(incidents_[i], settings_.pages);
      }
    }
    if (result.reason.empty()) result.reason = misses_.reason(label, settings_.pages);
  }

  const std::vector<IncidentLabel>& labels_;
  const std::vector<ToldIncident>& incidents_;
  const MissWatch& misses_;
  const config::Settings& settings_;
  Scorecard card_;
  std::vector<core::Duration> delays_;
};

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::hit:
      return "hit";
    case Verdict::duplicate:
      return "duplicate";
    case Verdict::false_page:
      return "false";
    case Verdict::along:
      return "along";
    case Verdict::ticket:
      return "ticket";
    case Verdict::muted:
      return "muted";
    case Verdict::unjudged:
      return "unjudged";
  }
  core::bug("unknown verdict");
}

Scorecard score(const std::vector<IncidentLabel>& labels, const std::vector<ToldIncident>& incidents,
                const MissWatch& misses, const config::Settings& settings, core::EventTime begin, core::EventTime end) {
  Scorecard card = Scorer(labels, incidents, misses, settings).run();
  card.weeks = core::to_hours(end - begin) / (7 * 24);
  return card;
}

}  // namespace costdrift::replay
