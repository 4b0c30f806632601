// RollUp: the sums over (app, model) series in one minute: per app, model, team and provider, and of everything.
//
// Apps, models and the whole are merges of the series' summaries: everything that a series has, they have. A call
// belongs to a team and a provider by its own attributes, so those have what is counted per attribute set: calls,
// retries, tokens, cost, and the sets themselves. They are summed from the buckets, where few sets are folded
// (core::kMaxAttributeSets is per bucket and series), so their totals are exact up to 64 sets in a bucket of a series;
// beyond that the rest counts for the team or provider "".
// Everything is addition, so neither order nor the places of series in memory show.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/closed_bucket.h"
#include "state/series_dictionary.h"

namespace costdrift::state {

// One minute of every series that had something in it, and of its roll-ups; both in order of series text.
struct ClosedMinute {
  struct Entry {
    SeriesState* series = nullptr;
    core::BucketSummary summary;
  };
  core::EventTime start;
  std::vector<Entry> series, roll_ups;
};

class RollUp {
 public:
  // Only the kinds given are summed.
  explicit RollUp(core::SeriesKinds kinds) : kinds_(kinds) {}
  // Every bucket of the minute, for teams and providers.
  void add_bucket(const core::BucketSummary& bucket);
  // Every series of the minute, each once, for the rest.
  void add_minute(const SeriesState& series, const core::BucketSummary& minute);
  // Gives every roll-up its place and returns them in order of series text.
  std::vector<ClosedMinute::Entry> take(SeriesDictionary& dictionary);

 private:
  using Summaries = std::map<std::string, core::BucketSummary, std::less<>>;
  using Shares = std::map<std::string, core::AttributeTotals, std::less<>>;
  void add_share(Shares& shares, std::string_view value, const core::AttributeTotals& totals);
  static void add_sets(Summaries& summaries, core::Dimension dimension, const core::BucketSummary& minute);
  static Summaries shares_of(const Shares& shares, Summaries sets);

  const core::SeriesKinds kinds_;
  Summaries apps_, models_, team_sets_, provider_sets_;
  Shares teams_, providers_;
  core::BucketSummary all_;
};

// The parts of a minute's roll-ups of kind app, model and all, found in one pass. `minute` outlives it.
class MinuteParts {
 public:
  explicit MinuteParts(const ClosedMinute& minute);
  // Those that `roll_up` sums; none for teams and providers.
  std::span<const core::SeriesPart> of(const SeriesState& roll_up) const;

 private:
  using Parts = std::vector<core::SeriesPart>;
  using PartsByValue = std::map<std::string_view, Parts>;
  static std::span<const core::SeriesPart> at(const PartsByValue& parts, std::string_view value);

  Parts all_;
  PartsByValue apps_, models_;
};

}  // namespace costdrift::state
