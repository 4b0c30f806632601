// BudgetMeter: what one budget has used in its period, what it was expected to have used, and where that leads.
//
// The expected path is the weekly pattern of the last four weeks, hour by hour, scaled to the limit; a straight line
// until a week is known. Hours are real hours, so days of 23 and 25 hours need no special care.
// Units    nano-dollars or tokens; minutes since 1970. Memory about 8 KB.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"

namespace costdrift::detectors {

struct BudgetForecast {
  double at_end = 0, low = 0, high = 0;                        // use at the end of the period, with its 80 % interval
  std::optional<core::EventTime> exhausted, earliest, latest;  // when the limit is reached, if it is in this period
};

class BudgetMeter {
 public:
  static constexpr std::int64_t kMinutesKept = 360;
  static constexpr std::int64_t kHoursKept = 28 * 24;

  // Time passes up to the end of `minute`, in which `amount` was used. Minutes come in rising order.
  void add(std::int64_t minute, std::int64_t amount);
  // Used earlier in this period, and learned of only now: it is in `used` alone.
  void add_late(std::int64_t amount) { used_ += amount; }
  // A new period begins with `minute`, the next one to be added.
  void begin_period() { used_ = 0; }

  std::int64_t used() const { return used_; }
  std::int64_t last_minute() const { return last_minute_; }
  // Used in the last `minutes` (at most kMinutesKept, beyond that whole hours), the last one included.
  double used_in(std::int64_t minutes) const;
  bool knows_a_week() const { return hours_seen_ >= 7 * 24; }
  // What the pattern expects between two times, in the units of the past.
  double pattern(core::EventTime from, core::EventTime to) const;
  // The part of the period's limit that the pattern expects to be used by `now`: 0..1.
  double expected_share(core::EventTime begin, core::EventTime now, core::EventTime end) const;
  // nullopt until a day is known.
  std::optional<BudgetForecast> forecast(core::EventTime now, core::EventTime end, std::int64_t limit) const;

  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  void next_hour();
  double spread() const;
  std::optional<core::EventTime> exhausted(core::EventTime now, core::EventTime end, double left, double ratio) const;

  std::int64_t used_ = 0;
  std::int64_t last_minute_ = -1;
  std::int64_t hours_seen_ = 0;        // completed
  std::vector<std::int64_t> minutes_;  // newest last
  std::vector<std::int64_t> hours_;    // completed, newest last
  std::int64_t hour_ = 0;              // of the hour that is being filled
  std::array<double, 168> weights_{};  // derived from hours_: mean of each hour of the week
};

}  // namespace costdrift::detectors
