// Accumulator: one open bucket of one series, in the form that is fast to add to. summary() turns it into the form
// that is fast to read. Everything in it is a sum, a bounded best-of or a set, so the order of add() does not show.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/bucket_summary.h"
#include "core/usage_event.h"
#include "state/attribute_sets.h"
#include "state/flat_index.h"
#include "state/windows.h"

namespace costdrift::state {

using MetricIndex = std::uint16_t;  // place in the list of metrics of this process

// An observation whose weight depends on the place of the call in its run (core::RunWeighting::information).
struct PendingObservation {
  MetricIndex metric = 0;
  core::EventTime ts;
  std::int16_t bin = 0;
  std::int32_t times = 1;
  std::int64_t step = 0;  // 0: not given
  auto operator<=>(const PendingObservation&) const = default;
};

// The calls of one agent run.
struct RunCalls {
  std::uint64_t run = 0;  // hash of the run id
  std::int64_t calls = 0;
  std::int64_t first_step = 0, max_step = 0;  // lowest and highest; 0: no call gave a step
  bool ended = false;
  core::EventTime first_call = core::EventTime::max(), last_call = core::EventTime::min();
  core::NanoUsd cost;
  std::int64_t tokens = 0;
  std::int64_t tool_calls = 0, tool_reports = 0;  // asked for; calls that said how many
  std::int64_t outcomes = 0;                      // calls that gave an outcome
  std::string run_id;
  std::vector<PendingObservation> pending;
  void merge(const RunCalls& other);
};

class Accumulator {
 public:
  // What the accumulators of one Windows object share; borrowed.
  struct Shared {
    std::span<const core::MetricSpec> metrics;
    std::vector<MetricIndex> call_metrics;  // those with observe_call
    std::vector<MetricIndex> by_name;       // all, by name: the order of a summary
    AttributeSets* attributes = nullptr;
  };

  void add(const Shared& shared, const core::UsageEvent& event, const LogPosition& position);
  void merge(const Shared& shared, const Accumulator& other);
  // Adds what was saved; metrics are matched by name, others are dropped.
  void restore(const Shared& shared, const core::BucketSummary& summary, std::vector<RunCalls> runs);

  // Everything but runs and what depends on them. Sorts the observations in place.
  core::BucketSummary summary(const Shared& shared);
  // By run hash.
  std::vector<RunCalls>& sorted_runs();
  bool empty() const { return totals_.calls == 0; }
  core::NanoUsd cost() const { return totals_.cost; }

  // The numbers of `attributes` (Shared) change: renumber(old) gives the new one.
  template <class Renumber>
  void renumber_attributes(Renumber renumber) {
    for (std::uint32_t& number : attribute_numbers_) number = renumber(number);
  }

  // As new, but keeps its memory for the next bucket.
  void clear();

  bool changed = false;  // since it was last saved
  bool saved = false;    // the store has a row of it

 private:
  void count_totals(const core::UsageEvent& event);
  void count_attributes(const Shared& shared, const core::UsageEvent& event);
  void keep_sample(const core::UsageEvent& event, const LogPosition& position);
  void keep_sample(core::Sample sample);
  void observe(const Shared& shared, const core::UsageEvent& event, RunCalls* run);
  RunCalls& count_run(const core::UsageEvent& event);
  RunCalls& run_of(std::uint64_t run);
  core::AttributeTotals& attribute_totals(const Shared& shared, std::uint32_t number);
  void fold_attributes(const Shared& shared);
  void push(const Shared& shared, MetricIndex metric, std::int16_t bin, std::int64_t times);
  void make_dense(std::size_t metrics);
  std::vector<std::size_t> sort_observations(std::size_t metrics);
  void add_sparse_counts(const Shared& shared, core::BucketSummary& summary);
  void add_dense_counts(const Shared& shared, core::BucketSummary& summary) const;

  core::Totals totals_;
  // Few observations are a list: (metric, bin) in the high half, how many times in the low half. Many are counted in
  // a table, one count for every bin of every metric; then the list is empty.
  std::vector<std::uint64_t> observations_;
  std::vector<std::int64_t> dense_;
  std::vector<std::uint32_t> attribute_numbers_;
  std::vector<core::AttributeTotals> attribute_totals_;
  std::vector<core::Sample> samples_;  // dearest first
  std::vector<RunCalls> runs_;
  FlatIndex run_index_;
};

}  // namespace costdrift::state
