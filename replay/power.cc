#include "replay/power.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "core/text.h"
#include "replay/label.h"

namespace costdrift::replay {
namespace {

bool tells_of(const Injection& injection, const core::AlertEvent& event) {
  const IncidentLabel label{
      .from = injection.from + kLabelSlack, .to = injection.to, .match = {{core::Dimension::app, injection.app}}};
  return means(label, event);
}

PowerRow row_of(const std::string& app, const PlannedDrift& drift, const std::vector<const Trial*>& trials) {
  PowerRow row{.app = app, .drift = drift};
  std::vector<core::Duration> delays;
  for (const Trial* trial : trials) {
    ++row.trials;
    row.usd_burned += trial->usd_burned;
    row.tickets += trial->ticket ? 1 : 0;
    if (!trial->delay) continue;
    ++row.caught;
    row.usd_before_page += trial->usd_burned;
    delays.push_back(*trial->delay);
  }
  row.usd_burned /= std::max(row.trials, 1);
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
      if (!incident.page) {
        trial.ticket = trial.ticket || tells_of(trial.injection, incident.first);
        continue;
      }
      if (!tells_of(trial.injection, *incident.page)) continue;
      if (first == nullptr || incident.page->updated_at < first->page->updated_at) first = &incident;
    }
    trial.usd_added = core::to_usd(injector.added(i, core::EventTime::max()));
    trial.usd_burned = trial.usd_added;
    if (first != nullptr) {
      trial.ticket = false;
      trial.delay = std::max(first->page->updated_at - trial.injection.from, core::Duration{});
      trial.usd_burned = core::to_usd(injector.added(i, first->page->updated_at));
    }
    trials.push_back(std::move(trial));
  }
  return trials;
}

std::vector<PowerRow> power_of(const std::vector<Trial>& trials) {
  using Key = std::tuple<InjectedDrift, double, std::string>;
  std::map<Key, std::vector<const Trial*>> by_app, by_drift;
  for (const Trial& trial : trials) {
    if (trial.calls_changed == 0) continue;
    const auto& injection = trial.injection;
    by_app[{injection.drift, injection.size, injection.app}].push_back(&trial);
    by_drift[{injection.drift, injection.size, ""}].push_back(&trial);
  }
  std::vector<PowerRow> rows;
  for (const auto* groups : {&by_app, &by_drift}) {
    for (const auto& [key, of_key] : *groups) {
      rows.push_back(row_of(std::get<2>(key), {std::get<0>(key), std::get<1>(key)}, of_key));
    }
  }
  return rows;
}

std::string describe(const PowerRow& row) {
  std::string text = describe_drift(row.drift) + " in " +
                     (row.app.empty() ? "all apps" : core::escape_for_log(row.app, 64)) + ": caught " +
                     std::to_string(row.caught) + " of " + std::to_string(row.trials);
  if (row.median_delay) {
    text += ", after " + core::describe_duration(*row.median_delay) + " (median), " +
            core::format_usd(row.usd_before_page) + " lost by then";
  }
  if (row.tickets > 0) text += "; " + std::to_string(row.tickets) + " as a ticket only";
  return text;
}

}  // namespace costdrift::replay
