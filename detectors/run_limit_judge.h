// RunLimitJudge: single agent runs that go on for longer than runs of their series ever do, or beyond a hard limit.
//
// Operation  the limit is the depth that a run reaches with a chance below b / (runs a week), b being this judge's
// share of the page budget; hard limits (steps, dollars) hold from the first run. A run over the limit is reported
//            at once, again every ten minutes while it goes on, and as recovered when it ends.
// Memory     one entry per reported run that still goes on, at most kMaxRuns.
#pragma once

#include <map>
#include <vector>

#include "detectors/drift_judge.h"

namespace costdrift::detectors {

struct RunLimits {
  std::int64_t max_steps = 0;  // 0: none
  double max_usd = 0;          // 0: none
};

class RunLimitJudge {
 public:
  static constexpr std::size_t kMaxRuns = 100;
  RunLimitJudge(std::string_view detector, RunLimits limits) : detector_(detector), limits_(limits) {}

  // The baseline of `drift` holds run_steps counts of the series (may be not ready).
  void observe(const Observation& observation, const core::SeriesKey& series, const DriftJudge& drift,
               std::vector<core::Finding>& findings);
  bool changed() const { return changed_; }
  void saved() { changed_ = false; }
  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  struct Reported {
    core::EventTime onset, last_report, last_call;
    std::string run_id;
    std::int64_t depth = 0, limit = 0;
    core::NanoUsd cost;
    bool hard = false;
  };
  core::Finding finding(const Reported& run, const Observation& observation, const core::SeriesKey& series,
                        const Baseline& baseline, core::FindingPhase phase) const;
  // The limit depends on nothing else than these, so that it is derived anew only when one of them changes.
  struct LimitInputs {
    double calls = -1, calls_per_week = -1;
    double weeks_per_false_page = -1;
    bool judged = false;  // the series is no longer new
    bool operator==(const LimitInputs&) const = default;
  };
  void update_limit(const Budget& budget, const Baseline& baseline, core::EventTime now);
  bool over_limit(const core::RunDelta& run, std::int64_t limit) const;

  std::string_view detector_;
  RunLimits limits_;
  std::map<std::uint64_t, Reported> reported_;
  std::int64_t limit_ = 0;  // the statistical limit; 0: none yet
  LimitInputs limit_inputs_;
  bool changed_ = false;
};

}  // namespace costdrift::detectors
