#include "state/roll_up.h"

#include <algorithm>

namespace costdrift::state {
namespace {

using core::AttributeTotals;
using core::BucketSummary;
using core::Dimension;
using core::SeriesKind;

std::string_view value_of(const core::AttributeSet& set, Dimension dimension) {
  for (const auto& [candidate, value] : set)
    if (candidate == dimension) return value;
  return {};
}

std::string_view app_of(const SeriesState& series) {
  return std::string_view(series.packed).substr(0, series.packed.find('\0'));
}

std::string_view model_of(const SeriesState& series) {
  return std::string_view(series.packed).substr(series.packed.find('\0') + 1);
}

BucketSummary& at(std::map<std::string, BucketSummary, std::less<>>& summaries, std::string_view value) {
  const auto found = summaries.find(value);
  return found != summaries.end() ? found->second : summaries[std::string(value)];
}

core::Totals totals_of(const AttributeTotals& shares) {
  core::Totals totals;
  totals.calls = shares.calls;
  totals.retries = shares.retries;
  totals.input_tokens = shares.input_tokens;
  totals.output_tokens = shares.output_tokens;
  totals.cache_read_tokens = shares.cache_read_tokens;
  totals.cost = shares.cost;
  return totals;
}

void subtract(AttributeTotals& from, const AttributeTotals& what) {
  from.calls -= what.calls;
  from.retries -= what.retries;
  from.input_tokens -= what.input_tokens;
  from.output_tokens -= what.output_tokens;
  from.cache_read_tokens -= what.cache_read_tokens;
  from.cost -= what.cost;
}

}  // namespace

void RollUp::add_share(Shares& shares, std::string_view value, const AttributeTotals& totals) {
  const auto found = shares.find(value);
  (found != shares.end() ? found->second : shares[std::string(value)]).add(totals);
}

void RollUp::add_bucket(const BucketSummary& bucket) {
  const bool teams = kinds_.has(SeriesKind::team), providers = kinds_.has(SeriesKind::provider);
  if (!teams && !providers) return;
  for (const auto& [set, totals] : bucket.attributes) {
    if (teams) add_share(teams_, value_of(set, Dimension::team), totals);
    if (providers) add_share(providers_, value_of(set, Dimension::provider), totals);
  }
}

void RollUp::add_sets(Summaries& summaries, Dimension dimension, const BucketSummary& minute) {
  for (const auto& [set, totals] : minute.attributes)
    if (!set.empty()) at(summaries, value_of(set, dimension)).add_attributes(set, totals);
}

void RollUp::add_minute(const SeriesState& series, const BucketSummary& minute) {
  if (kinds_.has(SeriesKind::app)) at(apps_, app_of(series)).merge(minute);
  if (kinds_.has(SeriesKind::model)) at(models_, model_of(series)).merge(minute);
  if (kinds_.has(SeriesKind::all)) all_.merge(minute);
  if (kinds_.has(SeriesKind::team)) add_sets(team_sets_, Dimension::team, minute);
  if (kinds_.has(SeriesKind::provider)) add_sets(provider_sets_, Dimension::provider, minute);
}

// The sets were summed from minutes, where more of them are folded: what they lack counts for the empty one.
RollUp::Summaries RollUp::shares_of(const Shares& shares, Summaries sets) {
  Summaries result;
  for (const auto& [value, share] : shares) {
    BucketSummary& summary = result[value];
    summary.totals = totals_of(share);
    summary.attributes = std::move(at(sets, value).attributes);
    AttributeTotals rest = share;
    for (const auto& [set, totals] : summary.attributes) subtract(rest, totals);
    if (rest != AttributeTotals{}) summary.attributes[{}].add(rest);
  }
  return result;
}

std::vector<ClosedMinute::Entry> RollUp::take(SeriesDictionary& dictionary) {
  std::map<core::SeriesKey, std::pair<SeriesKind, std::string>> places;
  std::map<core::SeriesKey, BucketSummary> by_key;
  const auto collect = [&](SeriesKind kind, Summaries summaries) {
    for (auto& [value, summary] : summaries) {
      if (summary.empty()) continue;
      core::SeriesKey key = roll_up_key(kind, value);
      places.emplace(key, std::pair(kind, value));
      by_key.emplace(std::move(key), std::move(summary));
    }
  };
  collect(SeriesKind::app, std::move(apps_));
  collect(SeriesKind::model, std::move(models_));
  collect(SeriesKind::team, shares_of(teams_, std::move(team_sets_)));
  collect(SeriesKind::provider, shares_of(providers_, std::move(provider_sets_)));
  if (!all_.empty()) places.emplace(core::SeriesKey(), std::pair(SeriesKind::all, std::string()));
  by_key.emplace(core::SeriesKey(), std::move(all_));

  // Places are given in order of text; those without one share the roll-up of the rest.
  std::map<std::string_view, ClosedMinute::Entry> entries;
  for (const auto& [key, place] : places) {
    SeriesState& series = dictionary.roll_up(place.first, place.second);
    auto& entry = entries[series.key.text()];
    entry.series = &series;
    entry.summary.merge(by_key[key]);
  }
  std::vector<ClosedMinute::Entry> result;
  result.reserve(entries.size());
  for (auto& [text, entry] : entries) result.push_back(std::move(entry));
  return result;
}

MinuteParts::MinuteParts(const ClosedMinute& minute) {
  all_.reserve(minute.series.size());
  for (const ClosedMinute::Entry& entry : minute.series) {
    const core::SeriesPart part{&entry.series->key, &entry.summary};
    all_.push_back(part);
    apps_[app_of(*entry.series)].push_back(part);
    models_[model_of(*entry.series)].push_back(part);
  }
}

std::span<const core::SeriesPart> MinuteParts::at(const PartsByValue& parts, std::string_view value) {
  const auto found = parts.find(value);
  return found == parts.end() ? std::span<const core::SeriesPart>() : found->second;
}

std::span<const core::SeriesPart> MinuteParts::of(const SeriesState& roll_up) const {
  switch (roll_up.kind) {
    case SeriesKind::app:
      return at(apps_, app_of(roll_up));
    case SeriesKind::model:
      return at(models_, model_of(roll_up));
    case SeriesKind::all:
      return all_;
    case SeriesKind::app_model:
    case SeriesKind::team:
    case SeriesKind::provider:
      return {};
  }
  core::bug("series kind out of range");
}

}  // namespace costdrift::state
