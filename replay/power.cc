#include "replay/power.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <tuple>

#include "replay/scorecard.h"

namespace costdrift::replay {
namespace {

bool tells_of(const Injection& injection, const core::AlertEvent& event) {
  const IncidentLabel label{
      .from = injection.from + kLabelSlack, .to = injection.to, .match = {{core::Dimension::app, injection.app}}};
  return means(label, event);
}

std::string reason_of(const std::vector<const Trial*>& trials) {
  const Trial* missed = nullptr;
  for (const Trial* trial : trials) {
    if (trial->delay) continue;
    if (missed == nullptr || (missed->ticket && !trial->ticket)) missed = trial;
  }
  return missed == nullptr ? std::string() : missed->missed_because;
}

PowerRow row_of(const std::string& app, const PlannedDrift& drift, const std::vector<const Trial*>& trials) {
  PowerRow row{.app = app, .drift = drift};
  std::vector<core::Duration> delays;
  for (const Trial* trial : trials) {
    ++row.trials;
    row.usd_burned += trial->usd_burned;
    row.usd_added += trial->usd_added;
    row.tickets += trial->ticket ? 1 : 0;
    if (!trial->delay) continue;
    ++row.caught;
    row.usd_before_page += trial->usd_burned;
    delays.push_back(*trial->delay);
  }
  row.usd_burned /= std::max(row.trials, 1);
  row.usd_added /= std::max(row.trials, 1);
  row.missed_because = reason_of(trials);
  row.usd_before_page /= std::max(row.caught, 1);
  std::sort(delays.begin(), delays.end());
  if (!delays.empty()) row.median_delay = delays[delays.size() / 2];
  return row;
}

}  // namespace

std::vector<Trial> trials_of(const Injector& injector, const std::vector<ToldIncident>& incidents,
                             const std::set<std::string>& usual) {
  std::vector<Trial> trials;
  for (std::size_t i = 0; i < injector.injections().size(); ++i) {
    Trial trial{.injection = injector.injections()[i], .calls_changed = injector.changed(i)};
    const ToldIncident* first = nullptr;
    for (const auto& incident : incidents) {
      if (usual.contains(incident.first.incident_id)) continue;
      if (!incident.page && !incident.told_along()) {
        trial.ticket = trial.ticket || tells_of(trial.injection, incident.first);
        continue;
      }
      if (!tells_of(trial.injection, incident.told())) continue;
      if (first == nullptr || incident.told().updated_at < first->told().updated_at) first = &incident;
    }
    trial.usd_added = core::to_usd(injector.added(i, core::EventTime::max()));
    trial.usd_burned = trial.usd_added;
    if (first != nullptr) {
      trial.ticket = false;
      trial.delay = std::max(first->told().updated_at - trial.injection.from, core::Duration{});
      trial.usd_burned = core::to_usd(injector.added(i, first->told().updated_at));
    }
    trials.push_back(std::move(trial));
  }
  return trials;
}

std::vector<IncidentLabel> labels_of(const std::vector<Injection>& injections) {
  std::vector<IncidentLabel> labels;
  for (const auto& injection : injections) {
    labels.push_back({.from = injection.from,
                      .to = injection.to,
                      .match = {{core::Dimension::app, injection.app}},
                      .kind = std::string(watching_detector(injection.drift)),
                      .note = {}});
  }
  return labels;
}

void explain_misses(std::vector<Trial>& trials, const std::vector<IncidentLabel>& labels,
                    const std::vector<ToldIncident>& incidents, const std::set<std::string>& usual,
                    const MissWatch& watch, const config::Settings& settings) {
  std::vector<ToldIncident> unusual;
  std::copy_if(incidents.begin(), incidents.end(), std::back_inserter(unusual),
               [&](const ToldIncident& incident) { return !usual.contains(incident.first.incident_id); });
  const Scorecard card = score(labels, unusual, watch, settings, {}, {});
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (!trials[i].delay) trials[i].missed_because = card.labels[i].reason;
  }
}

std::vector<PowerRow> power_of(const std::vector<Trial>& trials) {
  using Key = std::tuple<InjectedDrift, double, std::string>;
  std::map<Key, std::vector<const Trial*>> by_app, by_drift;
  for (const Trial& trial : trials) {
    if (!trial.counts()) continue;
    const auto& injection = trial.injection;
    by_app[{injection.drift, injection.size, injection.app}].push_back(&trial);
    by_drift[{injection.drift, injection.size, ""}].push_back(&trial);
  }
  std::vector<PowerRow> rows;
  for (const auto* groups : {&by_drift, &by_app}) {
    for (const auto& [key, of_key] : *groups) {
      rows.push_back(row_of(std::get<2>(key), {std::get<0>(key), std::get<1>(key)}, of_key));
    }
  }
  return rows;
}

}  // namespace costdrift::replay
