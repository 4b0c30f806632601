// CallLimitJudge: single calls that cost more than calls of their series ever do.
//
// Operation  the limit is the cost that one call in (calls a week) / (this judge's share of the page budget) exceeds,
//            by the baseline's tail (stats/tail.h). A call at least pages.min_effect above it opens an episode; calls
//            over the limit join it, and it ends when there was none for an hour. It is reported at once, and again
//            when calls joined, at most every ten minutes. One call is not a rate: its dollars are spread over six
//            hours, or over the episode if that is longer.
// Limits     silent for the first 24 h and below 1,000 learned calls; of one bucket the three dearest calls are looked
//            at. Calls of agent runs are left out: late steps are dear by nature, and loop_depth judges runs.
#pragma once

#include <optional>

#include "detectors/drift_judge.h"

namespace costdrift::detectors {

class CallLimitJudge {
 public:
  explicit CallLimitJudge(std::string_view detector) : detector_(detector) {}

  // The baseline of `drift` holds costs of calls in nano-dollars. While it drifts, dear calls are the drift's, and join
  // nothing.
  void observe(const Observation& observation, const core::SeriesKey& series, const DriftJudge& drift,
               std::vector<core::Finding>& findings);
  bool changed() const { return changed_; }
  void saved() { changed_ = false; }
  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  struct Episode {
    core::EventTime onset, last_call, last_report;
    std::int64_t calls = 0;
    core::NanoUsd limit, dearest, excess;
  };
  // The limit depends on nothing else than these.
  struct LimitInputs {
    double calls = -1, calls_per_week = -1;
    double weeks_per_false_page = -1;
    bool judged = false;  // the series is no longer new
    bool operator==(const LimitInputs&) const = default;
  };
  void update_limit(const Budget& budget, const Baseline& baseline, core::EventTime now);
  // True when a call joined.
  bool join(const Observation& observation, const Baseline& baseline);
  core::Finding finding(const Observation& observation, const core::SeriesKey& series) const;

  std::string_view detector_;
  core::NanoUsd limit_;  // 0: none yet
  double chance_ = 1;    // that a call exceeds it
  LimitInputs limit_inputs_;
  std::optional<Episode> episode_;
  bool changed_ = false;
};

}  // namespace costdrift::detectors
