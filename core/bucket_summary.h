// BucketSummary: everything that any detector may ask about the events of one series in one interval of event time.
//
// Integers only, and merge() is addition (or a total order's max), so a summary depends on the set of events alone:
// not on arrival order, partitions, threads, crashes or re-reads. The same type serves the 5-second bucket, the
// minute, the hour and the day.
//
// Units   counts of bins in 1/65536 call (core/metric.h); money in nano-dollars; everything else plain counts.
// Limits  at most kMaxSamples samples, and kMaxAttributeSets attribute sets beside the empty one.
// Attributes  of all sets ever merged in, the kMaxAttributeSets smallest (by operator<) keep their own totals, in full;
//         the others are summed under the empty set. This is a function of the merged events alone: a set among the
//         smallest of everything is among the smallest of every part of it, so it was never folded anywhere; any other
//         set meets kMaxAttributeSets smaller ones at the latest in the last merge, and is folded there. Not promised:
//         that the dearest sets keep their own totals.
// Threads a plain value. merge() must not be given the object itself.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/metric.h"
#include "core/money.h"
#include "core/series.h"
#include "core/time.h"

namespace costdrift::core {

inline constexpr std::size_t kMaxAttributeSets = 64;
inline constexpr std::size_t kMaxSamples = 3;

struct BinCount {
  std::int16_t bin = 0;
  Weight weight = 0;
  auto operator<=>(const BinCount&) const = default;
};

// Bins in rising order, each once, weights > 0.
using Counts = std::vector<BinCount>;

// Adds `from` into `into`, in time linear in their sizes.
void merge_counts(Counts& into, const Counts& from);

struct Totals {
  std::int64_t calls = 0;
  std::int64_t errors = 0;  // status error or cancelled
  std::int64_t attempts = 0;
  std::int64_t retries = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t reasoning_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  std::int64_t cache_eligible_tokens = 0;  // input tokens of calls that reported cache_read_tokens
  std::int64_t run_calls = 0;              // calls that belong to an agent run
  std::int64_t unpriced_calls = 0;         // calls whose cost is unknown
  std::int64_t retrieved_tokens = 0;       // context fetched by retrieval, inside the input
  std::int64_t outcomes = 0;               // calls that finished a task: those that gave an outcome
  NanoUsd cost{};
  NanoUsd input_cost{};
  NanoUsd output_cost{};
  NanoUsd retry_cost{};      // cost of calls that are retries
  NanoUsd run_cost{};        // cost of calls that belong to an agent run
  NanoUsd cacheable_cost{};  // over eligible calls: all cached against none cached
  // Over the calls that reported a cost, whose model has a list price, and that no gateway's cache answered: what they
  // reported, what the list says.
  NanoUsd compared_cost{};
  NanoUsd compared_list_cost{};
  void add(const Totals& other);
  auto operator<=>(const Totals&) const = default;
};

// Every field of Totals, in the order in which they are stored. New fields go to the end of their list, and into the
// versions of the stored forms.
inline constexpr std::int64_t Totals::*kTotalCounts[] = {
    &Totals::calls,
    &Totals::errors,
    &Totals::attempts,
    &Totals::retries,
    &Totals::input_tokens,
    &Totals::output_tokens,
    &Totals::reasoning_tokens,
    &Totals::cache_read_tokens,
    &Totals::cache_eligible_tokens,
    &Totals::run_calls,
    &Totals::unpriced_calls,
    &Totals::retrieved_tokens,
    &Totals::outcomes,
};
inline constexpr NanoUsd Totals::*kTotalMoney[] = {
    &Totals::cost,     &Totals::input_cost,     &Totals::output_cost,   &Totals::retry_cost,
    &Totals::run_cost, &Totals::cacheable_cost, &Totals::compared_cost, &Totals::compared_list_cost,
};

// The values of one event for the dimensions that own or explain spend: (dimension, value) in enum order, values
// present only. The empty vector is "none given" and also the overflow of kMaxAttributeSets.
using AttributeSet = std::vector<std::pair<Dimension, std::string>>;

struct AttributeTotals {
  std::int64_t calls = 0;
  std::int64_t retries = 0;
  std::int64_t input_tokens = 0;
  std::int64_t output_tokens = 0;
  std::int64_t cache_read_tokens = 0;
  NanoUsd cost{};
  void add(const AttributeTotals& other);
  auto operator<=>(const AttributeTotals&) const = default;
};

// A call worth showing to a person: the dearest of the interval (ties: smallest topic, partition, offset).
struct Sample {
  NanoUsd cost{};
  std::string topic{};
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string trace_id{};
  std::string run_id{};
  auto operator<=>(const Sample&) const = default;
};

// The calls of one agent run inside the interval. Only in 5-second buckets; dropped by roll-up.
struct RunDelta {
  std::uint64_t run = 0;  // 64-bit hash of the run id
  std::int64_t calls = 0;
  std::int64_t max_step = 0;  // 0: no call gave a step
  bool ended = false;
  EventTime last_call{};
  NanoUsd cost{};
  std::int64_t tokens = 0;
  std::string run_id{};
  // Filled when the bucket closes: the whole run so far.
  std::int64_t depth = 0;
  EventTime first_call{};  // 1970: not filled yet
  NanoUsd total_cost{};
  // Both must be of the same run. Sums what happened in the interval; of the whole run so far the furthest is kept.
  void merge(const RunDelta& other);
  bool operator==(const RunDelta&) const = default;
};

struct BucketSummary {
  Totals totals;
  std::map<std::string, Counts, std::less<>> metrics;  // by metric name
  std::map<AttributeSet, AttributeTotals> attributes;
  std::map<std::uint64_t, RunDelta> runs;
  std::vector<Sample> samples;  // dearest first

  void merge(const BucketSummary& other);
  // False when a sample of that cost cannot be among those kept: spares making it.
  bool wants_sample(NanoUsd cost) const;
  void add_sample(Sample sample);
  void add_attributes(const AttributeSet& set, const AttributeTotals& totals);
  // The counts of one metric; empty when nothing was observed.
  const Counts& counts(std::string_view metric) const;
  bool operator==(const BucketSummary&) const = default;
  bool empty() const { return totals.calls == 0 && metrics.empty(); }
};

// Sum of weights, in calls.
double total_calls(const Counts& counts);

}  // namespace costdrift::core
