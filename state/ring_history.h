// RingHistory: the closed past of one series as judgement reads it, from the rings.
//
// Threads  the stream thread.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "core/closed_bucket.h"
#include "state/rings.h"
#include "state/series_dictionary.h"

namespace costdrift::state {

// The sums that were asked for last: the judges of a series ask for the same hours one after the other.
class RecentSums {
 public:
  const core::BucketSummary& sum(const Rings& rings, const std::string& series, core::EventTime from,
                                 core::EventTime to, core::EventTime closed_until);
  // The past has changed.
  void forget() { sums_.clear(); }

 private:
  std::string series_;
  core::EventTime closed_until_ = core::EventTime::min();
  std::map<std::pair<core::EventTime, core::EventTime>, core::BucketSummary> sums_;
};

// All that it is made of outlives it; `closed_until` may move on.
class RingHistory final : public core::SeriesHistory {
 public:
  RingHistory(const Rings& rings, const SeriesDictionary& series, RecentSums& recent,
              const core::EventTime& closed_until, core::SeriesKey of)
      : rings_(rings), series_(series), recent_(recent), closed_until_(closed_until), of_(std::move(of)) {}
  core::BucketSummary sum(core::EventTime from, core::EventTime to) const override {
    return recent_.sum(rings_, of_.text(), from, to, closed_until_);
  }
  std::map<std::string, core::AttributeTotals> by_app(core::EventTime from, core::EventTime to) const override;

 private:
  const Rings& rings_;
  const SeriesDictionary& series_;
  RecentSums& recent_;
  const core::EventTime& closed_until_;
  core::SeriesKey of_;
};

}  // namespace costdrift::state
