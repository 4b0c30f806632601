// Baseline: what a series' metric looks like when nothing is wrong, learned hour by hour.
//
// Operation  every hour with calls is queued when it ends. An hour that was calm is learned one hour later; an hour in
//            which evidence was high is suspect and waits 48 h in quarantine, so that a drift that nobody calls normal
//            does not become the baseline before somebody could. While an incident is open nothing is learned.
// Limits     holds at most kMaxCalls calls by scaling: old hours fade. The counts themselves stay in the series'
// history.
#pragma once

#include <algorithm>
#include <vector>

#include "core/bucket_summary.h"
#include "core/bytes.h"
#include "core/closed_bucket.h"
#include "detectors/siblings.h"
#include "detectors/stats/lanes.h"
#include "detectors/stats/variance.h"

namespace costdrift::detectors {

class Baseline {
 public:
  static constexpr double kMaxCalls = 100'000;
  static constexpr double kMinCalls = 500;    // fewer learned calls: no judgement
  static constexpr double kMinRuns = 60;      // where calls are weighed by run, so that a run is about one call
  static constexpr int kMinHours = 3;         // fewer learned hours: no judgement
  static constexpr double kMinOwnCalls = 30;  // enough where siblings know the shares

  // `hour` has ended; its counts are in the history.
  void hour_ended(core::EventTime hour, bool suspect);
  // Learns what is due at `now`. True when the baseline changed. `family` says how to build the table.
  bool learn_due(core::EventTime now, const core::SeriesHistory& history, std::string_view metric,
                 const stats::LaneFamily& family);
  // What waits in quarantine is normal after all.
  void trust_pending();
  // Hours that began at or after `onset` (less one hour) belong to an incident and are never learned.
  void drop_pending_since(core::EventTime onset);
  // Forgets everything learned but how calls depend on each other; the hours from `onset` on, already queued or yet to
  // come, are the new normal.
  void restart_at(core::EventTime onset);

  // A series without calls of its own begins with what its siblings have in common.
  void begin_from(const SiblingPrior& prior, const stats::LaneFamily& family);
  bool has_siblings() const { return has_siblings_; }

  bool ready() const { return shares_known_ ? calls_seen_ >= kMinOwnCalls : settled(); }
  double own_calls() const { return calls_seen_; }
  const core::Counts& counts() const { return counts_; }
  const core::Totals& totals() const { return totals_; }  // over the same hours as counts, scaled alike
  const stats::LikelihoodTable& table() const { return table_; }
  double inflation() const {
    return std::max({variance_.factor(), clumping_.factor(), has_runs_ ? stats::kRunInflation : 1.0});
  }
  // How many calls that are near in time tell as much as one independent call does, whatever the level of their hour.
  // >= 1.
  double clumping() const { return clumping_.factor(); }
  // How many of a bucket's calls (run-weighted) tell as much as one independent call does, because they begin together
  // where that is rare: the sub-agents of one task. >= 1; 1 where calls are not in runs, and up to what four times the
  // mean traffic makes likely.
  double concurrence(double calls, core::Duration bucket) const;
  double calls() const { return calls_; }
  // Effective calls (run-weighted) in a mean week of this series.
  double calls_per_week() const;
  core::EventTime first_hour() const { return first_hour_; }
  // This baseline as it would be with another histogram of the metric; money follows the mean of values.
  Baseline with_counts(core::Counts counts, bool log_bins) const;

  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in, const stats::LaneFamily& family);

 private:
  struct PendingHour {
    core::EventTime hour;
    bool suspect = false;
  };
  // The hour, and what its quarters say of each other while the history still tells them apart.
  core::BucketSummary summed(core::EventTime hour, core::EventTime now, const core::SeriesHistory& history,
                             std::string_view metric);
  void learn(const core::BucketSummary& hour, std::string_view metric, const stats::LaneFamily& family);
  void build_table(const stats::LaneFamily& family);
  void cap();
  void set_counts(core::Counts counts);
  bool settled() const { return hours_ >= kMinHours && calls_seen_ >= (has_runs_ ? kMinRuns : kMinCalls); }

  core::Counts counts_;
  double calls_ = 0;  // derived from counts_: asked for in every bucket
  core::Totals totals_;
  std::vector<PendingHour> pending_;
  stats::VarianceInflation variance_;
  stats::VarianceInflation clumping_;  // within hours
  core::EventTime first_hour_ = core::EventTime::max();
  core::EventTime counted_from_ = core::EventTime::max();  // the first hour of those that calls_seen_ is of
  core::EventTime last_hour_ = core::EventTime::min();
  std::int64_t hours_ = 0;        // learned
  double calls_seen_ = 0;         // learned, unscaled
  bool has_runs_ = false;         // calls of runs were learned
  bool has_siblings_ = false;     // began with what they have in common
  bool shares_known_ = false;     // and that includes the shares of categories
  stats::LikelihoodTable table_;  // derived from counts_
  double table_calls_ = 0;        // when it was
};

}  // namespace costdrift::detectors
