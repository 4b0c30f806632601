// SourceRanking: where spend without an owner comes from, dearest first.
//
// A source is a tuple of values of the watched dimensions, such as (app, API key). Sources of the first day are known;
// later ones are new for seven days and then known.
// Limits   at most kMostNew new sources are told apart, the rest count as one; kMostKnown known ones, and with more the
//          ranking is full and nothing is new any more. Known sources are forgotten after 35 days without a call.
// Memory   16 bytes a known source.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/bucket_summary.h"
#include "core/bytes.h"

namespace costdrift::detectors {

using SourceValues = std::vector<core::Label>;  // of the watched dimensions; "" where the call named none

struct NewSource {
  SourceValues values;  // empty: the sources beyond kMostNew
  core::EventTime first_seen;
  core::NanoUsd cost;  // since it was first seen, or since clear_costs()
  std::int64_t calls = 0;
};

class SourceRanking {
 public:
  static constexpr std::size_t kMostNew = 500, kMostKnown = 20'000;

  // Calls of one source in the minute that begins with `now`. `learning`: what is seen is known. True: the source is
  // new.
  bool add(core::EventTime now, const SourceValues& values, const core::AttributeTotals& totals, bool learning);
  // Once a day: new sources that have been so for a week become known, old ones are forgotten.
  void next_day(core::EventTime now);
  void accept_all(core::EventTime now);
  void clear_costs();
  bool full() const { return known_.size() >= kMostKnown; }
  // Dearest first (ties: first seen, then by value), those with a cost.
  std::vector<NewSource> dearest(std::size_t count) const;
  std::size_t new_count() const { return new_.size(); }

  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);
  std::size_t memory_bytes() const { return known_.size() * 64 + new_.size() * 256; }
  // True once after a known source was added or removed.
  bool take_changed() { return std::exchange(changed_, false); }
  void save_known(core::ByteWriter& out) const;
  void restore_known(core::ByteReader& in);

 private:
  void learn(std::uint64_t source, core::EventTime now);

  std::map<std::uint64_t, std::int64_t> known_;  // hash of the values -> UTC day of the last call
  std::map<std::uint64_t, NewSource> new_;       // 0: those beyond kMostNew
  bool changed_ = false;
};

}  // namespace costdrift::detectors
