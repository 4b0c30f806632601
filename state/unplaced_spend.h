// UnplacedSpend: what series without a place in the dictionary cost, to tell which of them are too large to be counted
// together with the rest (admission by spend: a flood of cheap ids must not keep out who spends).
//
// Rule       a series is large in an hour when, by the end of the hour before the last, it had kLargeShare of what
//            everything has cost lately. Lately: with each hour that passes, 1/24 of what was counted before is
//            forgotten. Who spends half of everything is large after its first whole hour, who spends 2 %, after 16.
//            The last hour does not count, because its buckets may be open still: what is known of an hour must not
//            depend on when somebody asks.
// Operation  the cost of every event goes to add() or add_placed() of its bucket, once. Sums only, so neither order nor
//            restarts show; estimates are above the truth at times, never below (state/spend_sketch.h).
// Memory     64 KiB for the past and for each open hour, when there are series without a place; else a few numbers.
// Threads    the stream thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"
#include "state/spend_sketch.h"
#include "state/store.h"

namespace costdrift::state {

class UnplacedSpend {
 public:
  static constexpr std::int64_t kLargeShare = 100;  // one of so many parts

  explicit UnplacedSpend(Store& store) : store_(store) {}
  core::Result<void> load(core::EventTime closed_until);

  // Cost of a series (its hash) that counts for the rest in the bucket at `start`.
  void add(core::EventTime start, std::uint64_t series_hash, core::NanoUsd cost);
  // What everything in the bucket at `start` cost; the bucket is closed.
  void add_total(core::EventTime start, core::NanoUsd cost);
  // Buckets before it are closed. What is old is summed up.
  void close_until(core::EventTime closed_until);

  // Whether the series is large in the hour of a bucket that is being closed.
  bool is_large(std::uint64_t series_hash, core::EventTime start) const;
  // False: it will not be large when the open bucket at `start` is closed, nor in one that is closed before.
  bool may_become_large(std::uint64_t series_hash, core::EventTime start) const;

  // Puts what changed into the store.
  void save();

 private:
  struct Spend {
    SpendSketch series;
    core::NanoUsd total;
    bool changed = false;
  };
  Spend& hour_of(core::EventTime start);
  core::EventTime first_hour() const;
  bool is_large_in_hour(const SpendSketch::Cells& cells, core::EventTime hour) const;
  void join_past(core::EventTime hour);
  bool load_row(std::string_view key, std::string_view value);

  Store& store_;
  core::EventTime closed_until_ = core::EventTime::min();
  // Everything before past_until_, aged; hours from there on.
  Spend past_;
  core::EventTime past_until_ = core::EventTime::min();
  std::map<core::EventTime, Spend> hours_;
};

// Rows of KeySpace::meta: the hours by their time, and the past.
inline constexpr std::string_view kUnplacedHourPrefix{"unplaced_hour\0", 14}, kUnplacedPastKey = "unplaced_past";
// For the dump; nullopt: not of a known version.
std::optional<std::string> describe_unplaced_row(std::string_view key, std::string_view value);

}  // namespace costdrift::state
