#include "state/ring_history.h"

#include <algorithm>
#include <vector>

namespace costdrift::state {
namespace {

constexpr std::size_t kMostApps = 500;

// The part of an application's calls that a roll-up holds: all, or those of its team.
core::AttributeTotals part_of(const core::BucketSummary& app, const core::SeriesKey& roll_up) {
  const bool of_team = roll_up.kind() == core::SeriesKind::team;
  const std::string team = roll_up.label(core::Dimension::team);
  core::AttributeTotals part;
  for (const auto& [values, totals] : app.attributes) {
    const auto named = std::find_if(values.begin(), values.end(),
                                    [](const core::Label& label) { return label.first == core::Dimension::team; });
    const std::string own = named == values.end() ? std::string() : named->second;
    if (!of_team || own == team) part.add(totals);
  }
  return part;
}

std::vector<const core::SeriesKey*> apps_of(const SeriesDictionary& series) {
  std::vector<const core::SeriesKey*> apps;
  for (const auto& state : series.all()) {
    if (state->admitted && state->kind == core::SeriesKind::app) apps.push_back(&state->key);
  }
  return apps;
}

}  // namespace

const core::BucketSummary& RecentSums::sum(const Rings& rings, const std::string& series, core::EventTime from,
                                           core::EventTime to, core::EventTime closed_until) {
  if (series != series_ || closed_until != closed_until_) {
    sums_.clear();
    series_ = series;
    closed_until_ = closed_until;
  }
  const auto [found, added] = sums_.try_emplace({from, to});
  if (added) found->second = rings.sum(series, from, to, closed_until);
  return found->second;
}

std::map<std::string, core::AttributeTotals> RingHistory::by_app(core::EventTime from, core::EventTime to) const {
  std::map<std::string, core::AttributeTotals> result;
  if (of_.kind() != core::SeriesKind::all && of_.kind() != core::SeriesKind::team) return result;
  const auto apps = apps_of(series_);
  if (apps.size() > kMostApps) return result;
  for (const core::SeriesKey* app : apps) {
    const core::AttributeTotals part = part_of(rings_.sum(app->text(), from, to, closed_until_), of_);
    if (part.calls > 0) result[app->label(core::Dimension::app)].add(part);
  }
  return result;
}

}  // namespace costdrift::state
