// MinuteHistory: ln(dollars) of every minute of the last four weeks, two bytes a minute.
//
// A minute has a value, or was quiet (no call, while the series was alive), or is missing (before the series began,
// after a day without any call, or set aside because it belongs to an incident).
// Memory   up to 80 KB a series. Days that are over are in `days`, which changes once a day only; the current day is
//          small and kept apart, so that a frequent save writes little. A day (UTC) is taken over `delay` minutes after
//          its end, so that not all series are saved and fitted in the same minute.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/bytes.h"
#include "core/money.h"

namespace costdrift::detectors {

class MinuteHistory {
 public:
  static constexpr std::int64_t kMinutesPerDay = 1440;
  static constexpr std::int64_t kDays = 28;

  enum class Kind : std::uint8_t { missing, quiet, value };
  struct Minute {
    Kind kind = Kind::missing;
    double log_cost = 0;  // ln(nano-dollars)
  };
  static Minute of_cost(core::NanoUsd cost);

  // 0 <= delay_minutes < kMinutesPerDay.
  explicit MinuteHistory(std::int64_t delay_minutes = 0) : delay_minutes_(delay_minutes) {}

  // Minutes come in rising order, without gaps. True when a day was taken over.
  bool push(std::int64_t minute, Minute value);
  std::optional<std::int64_t> last_minute() const;
  Minute at(std::int64_t minute) const;
  // Sets minutes from..to-1 aside.
  void set_aside(std::int64_t from, std::int64_t to);
  // Adds to the ln of every value.
  void shift(double log_factor);

  std::int64_t first_minute() const { return first_day_ * kMinutesPerDay; }
  std::int64_t completed_days() const { return static_cast<std::int64_t>(days_.size()) / kMinutesPerDay; }

  void save_days(core::ByteWriter& out) const;
  void save_today(core::ByteWriter& out) const;
  bool restore_days(core::ByteReader& in);
  bool restore_today(core::ByteReader& in);
  std::size_t memory_bytes() const { return (days_.capacity() + today_.capacity()) * sizeof(std::int16_t); }

 private:
  static std::int16_t encode(Minute value);
  static Minute decode(std::int16_t code);
  std::int16_t* find(std::int64_t minute);
  void take_over_day();

  std::vector<std::int16_t> days_;   // whole days from first_day_ on
  std::vector<std::int16_t> today_;  // from midnight on, and the delay of the next day
  std::int64_t first_day_ = 0, today_day_ = -1;
  std::int64_t delay_minutes_;
};

}  // namespace costdrift::detectors
