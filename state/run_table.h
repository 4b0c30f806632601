// RunTable: the agent runs that have not ended, per series: how deep each is, when it was last heard of.
//
// Operation  apply() takes the calls of a run in one closing bucket: it weighs the observations that depend on the
//            place of the call in its run, and lets the metrics of runs observe the transition. A run ends with its
//            run_end, or when it was silent for the time-out; end_silent() then says so at a bucket time that depends
//            on the run's last call alone.
// Memory     about 200 bytes a run, at most kMaxOpenRuns; beyond that the longest silent runs end early.
// Limits     a call that comes after its run ended, or is the first that is heard of it, starts a new run of the same
//            name: with step 58 it is at depth 1, what it did before was another run or is not known.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "state/accumulator.h"
#include "state/series_dictionary.h"
#include "state/store.h"
#include "state/summary_builder.h"

namespace costdrift::state {

inline constexpr std::size_t kMaxOpenRuns = 500'000;

struct RunState {
  SeriesState* series = nullptr;
  std::uint64_t run = 0;
  std::int64_t steps_before = 0;  // of what had ended: its first call here had this step and one
  std::int64_t depth = 0;         // highest step since, or the number of calls when steps are not given
  std::int64_t calls = 0;
  core::EventTime first_call = core::EventTime::max(), last_call = core::EventTime::min();
  core::NanoUsd cost;
  std::int64_t tokens = 0;
  std::int64_t tool_calls = 0, tool_reports = 0;  // as in RunCalls
  std::string run_id;
  bool changed = false, saved = false;
};

class RunTable {
 public:
  RunTable(Store& store, core::Duration timeout) : store_(store), timeout_(timeout) {}
  core::Result<void> load(SeriesDictionary& series);

  void apply(SeriesState& series, RunCalls& calls, SummaryBuilder& summary);

  // The earliest time at which a run will have been silent for too long.
  std::optional<core::EventTime> next_deadline() const;
  // Ends the runs whose deadline is <= `now`, by deadline, series text and run; summary_of(series) is where it shows.
  void end_silent(core::EventTime now, const std::function<SummaryBuilder&(SeriesState&)>& summary_of);

  void save();

 private:
  struct Key {
    std::uint32_t series = 0;
    std::uint64_t run = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return key.run ^ (std::uint64_t{key.series} * 0x9e3779b97f4a7c15); }
  };
  struct Deadline {
    core::EventTime at;
    SeriesState* series = nullptr;
    std::uint64_t run = 0;
    bool operator<(const Deadline& other) const;
  };

  Deadline deadline_of(const RunState& state) const { return {state.last_call + timeout_, state.series, state.run}; }
  static void tell_whole_run(const RunState& state, core::RunDelta& delta);
  void forget(RunState& state);

  Store& store_;
  core::Duration timeout_;
  std::unordered_map<Key, RunState, KeyHash> runs_;  // looked up only: what is decided follows deadlines_
  std::set<Deadline> deadlines_;
  std::vector<Key> changed_;
};

// The stored form of one run; the key holds series and run.
std::string run_row_key(const SeriesState& series, std::uint64_t run);
std::string encode_run(const RunState& state);
bool decode_run(std::string_view bytes, RunState& state);

}  // namespace costdrift::state
