// ShareWatch: a share of calls that is next to nothing, or next to always the same, and is suddenly large. Arithmetic,
// no statistics: what a producer or a clock does to every call needs no test, and what is noise never reaches it.
//
// Operation  calls are counted in windows of five minutes. The worst hour of the past, fading by a hundredth an hour,
//            says what is usual. A window with enough calls whose share is over ShareRule::limit() begins a change; the
//            first one that is back below half-way to it ends it. A change that lasts for eight days is learned.
// Limits     nothing begins before 24 hours with calls enough are learned. A change is seen when the first calls after
//            its window come.
// Memory     about 130 bytes.
#pragma once

#include <cstdint>

#include "core/bytes.h"
#include "core/time.h"

namespace costdrift::detectors {

struct ShareRule {
  double least = 0.05;      // a share below it is never a change
  double of_usual = 3;      // nor one below this many times the worst usual one
  double of_rest = 0;       // nor one that has not gone this part of the way from the worst usual one to all calls
  double most_usual = 0.3;  // a share that is usual above it is not watched
  std::int64_t fewest_calls = 100;

  double limit(double worst) const;
};

class ShareWatch {
 public:
  static constexpr core::Duration kWindow = core::minutes(5);
  enum class Change : std::uint8_t { none, began, ended, learned };

  // `bad` of `calls` calls at `at`, in rising order of time.
  Change add(core::EventTime at, std::int64_t bad, std::int64_t calls, const ShareRule& rule);

  // Of a change under way or just over: the window in which it began, and its share then.
  core::EventTime onset() const { return onset_; }
  double share() const { return share_; }
  std::int64_t calls() const { return changed_calls_; }
  // The mean of the learned hours.
  double usual() const { return sum_calls_ > 0 ? sum_bad_ / sum_calls_ : 0; }
  bool changed() const { return changed_; }
  // Of the last window with enough calls.
  double newest() const { return newest_; }

  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  Change close_window(const ShareRule& rule);
  void close_hour(const ShareRule& rule);

  core::EventTime window_ = core::EventTime::min(), hour_ = core::EventTime::min();
  std::int64_t bad_ = 0, calls_ = 0;            // of the window
  std::int64_t hour_bad_ = 0, hour_calls_ = 0;  // of the hour
  std::int64_t hours_ = 0;                      // learned
  double worst_ = 0, sum_bad_ = 0, sum_calls_ = 0;
  bool changed_ = false;
  bool hour_spoilt_ = false;  // a change touched the hour: it is not learned
  core::EventTime onset_{};
  double share_ = 0, newest_ = 0;
  std::int64_t changed_calls_ = 0;
};

}  // namespace costdrift::detectors
