// Event time and durations: 64-bit microseconds, two distinct types.
//
// Event time is what the producers wrote (time of completion of a call, UTC). Everything that decides uses event
// time only; the wall clock is another type (core/clock.h) and the two do not convert by accident.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "core/result.h"

namespace costdrift::core {

// A length of time in microseconds; may be negative.
struct Duration {
  std::int64_t us = 0;
  auto operator<=>(const Duration&) const = default;
};

constexpr Duration microseconds(std::int64_t n) { return {n}; }
constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000}; }
constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000}; }
constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }
constexpr Duration hours(std::int64_t n) { return minutes(n * 60); }
constexpr Duration days(std::int64_t n) { return hours(n * 24); }
constexpr double to_seconds(Duration d) { return static_cast<double>(d.us) / 1e6; }
constexpr double to_hours(Duration d) { return static_cast<double>(d.us) / 3.6e9; }
constexpr Duration operator+(Duration a, Duration b) { return {a.us + b.us}; }
constexpr Duration operator-(Duration a, Duration b) { return {a.us - b.us}; }
constexpr Duration operator*(Duration a, std::int64_t n) { return {a.us * n}; }

// A moment of event time: microseconds since 1970-01-01T00:00:00Z.
struct EventTime {
  std::int64_t us = 0;
  auto operator<=>(const EventTime&) const = default;
  static constexpr EventTime min() { return {std::numeric_limits<std::int64_t>::min()}; }
  static constexpr EventTime max() { return {std::numeric_limits<std::int64_t>::max()}; }
};

constexpr EventTime operator+(EventTime t, Duration d) { return {t.us + d.us}; }
constexpr EventTime operator-(EventTime t, Duration d) { return {t.us - d.us}; }
constexpr Duration operator-(EventTime a, EventTime b) { return {a.us - b.us}; }

// The start of the aligned interval of length `width` that holds t (also right before 1970). width > 0.
constexpr EventTime floor_to(EventTime t, Duration width) {
  const std::int64_t remainder = t.us % width.us;
  return {t.us - (remainder < 0 ? remainder + width.us : remainder)};
}

// "2026-03-02T14:05:00Z"; fractions of a second are printed (".250", at most 6 digits) only when they are not zero:
// three digits when that is exact, six otherwise. Beyond the years 0 to 9999 the nearest printable time.
std::string format_rfc3339(EventTime t);

// "14:05 UTC", for sentences; with the date, "2 Mar 14:05 UTC", when `with_date`.
std::string format_clock(EventTime t, bool with_date = false);

// RFC 3339 with 0 to 9 fraction digits, "T" or a space, "Z", an offset ("+01:00" or "+0100"), or none (none means UTC).
// Digits beyond microseconds are cut. Anything else, a date that does not exist, a leap second (":60") and a time
// outside 1970..2200 UTC is an error (bad_data).
Result<EventTime> parse_rfc3339(std::string_view text);

// "90s", "15m", "2h", "7d", "250ms", "40us", or a sum of such, largest unit first ("1h30m"); "-" in front negates. No
// unit, spaces, fractions ("1.5h") and more than int64 microseconds are errors (bad_data). Whether a negative or a zero
// duration makes sense is for the caller to say.
Result<Duration> parse_duration(std::string_view text);

// A short exact form that parse_duration reads back: "90s", "2h", "1d12h". One unit when its number is below 100.
std::string format_duration(Duration d);

// For sentences, rounded to two digits, days from 48 hours on: "4.2 min", "3.1 h", "2.5 d", "12 s", "250 ms".
std::string describe_duration(Duration d);

}  // namespace costdrift::core
