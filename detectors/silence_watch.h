// SilenceWatch: whether an application that usually makes calls makes none, told by the calls that are missing.
//
// Operation  every full hour is counted into its place in the week, of which the smallest count is kept (it may rise by
//            a tenth a week). An hour has at least the smallest of itself and its two neighbours, for three weeks also
//            of those of the day before, for apps that work in bursts; until a week is known, the smallest hour of the
//            last day. A minute without a call adds what such a minute has at least. Silence is told when that sum
//            reaches a hundred calls, and three times what any pause of late has reached (fading by a hundredth an
//            hour; a pause that was told counts from the second one like it on), and a quarter of an hour has passed.
//            So nights, weekends and apps that come and go are never silent; a first holiday may be.
// Limits     nothing is told before 24 full hours are known.
// Memory     about 1 KB.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "core/bytes.h"
#include "core/time.h"

namespace costdrift::detectors {

class SilenceWatch {
 public:
  enum class Change : std::uint8_t { none, began, ended };

  // A minute with its calls, 0 too; minutes come in rising order. Minutes that are left out are not known.
  Change add(core::EventTime minute, std::int64_t calls);
  // Calls that a minute of that hour has at least.
  double expected(core::EventTime minute) const;
  double missing() const { return missing_; }
  bool silent() const { return silent_; }
  core::EventTime last_call() const { return last_call_; }  // end of the last minute with one
  // A silence that goes on is as it should be: it is over, and as usual as any pause of late.
  void accept();
  // True once after an hour was learned.
  bool take_learned() { return std::exchange(learned_, false); }

  void save(core::ByteWriter& out) const;        // small, changes every minute
  void save_hours(core::ByteWriter& out) const;  // changes with the hour
  void restore(core::ByteReader& in);
  void restore_hours(core::ByteReader& in);

 private:
  void end_pause(bool was_told);
  void end_hour();
  void learn_quiet_hours();
  void learn(core::EventTime hour, std::int64_t calls);
  std::int64_t least_around(core::EventTime minute) const;

  core::EventTime hour_ = core::EventTime::min(), last_call_ = core::EventTime::min();
  std::int64_t hour_calls_ = 0, hours_ = 0;
  std::int64_t quiet_hours_ = 0;  // of the pause under way, which are not learned yet
  double missing_ = 0, worst_ = 0, told_ = 0;
  bool silent_ = false, whole_hour_ = false, learned_ = false;
  std::array<std::int64_t, 168> usual_{};  // smallest count by hour of the week
  std::array<std::int64_t, 24> day_{};     // of the last 24 hours
};

}  // namespace costdrift::detectors
