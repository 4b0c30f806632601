// Money as integer nano-dollars: exact, order-free sums that add up to the cent. Micro-dollars are too coarse for
// calls of a few cheap tokens.
//
// Limits  int64: a sum stays at the limits of about 9.2e9 dollars when it would pass them (intake rejects single calls
//         above 1e6 dollars), so that senseless prices cost exactness and nothing else. Sums of amounts of one sign
//         stay free of order even there.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

namespace costdrift::core {

struct NanoUsd {
  std::int64_t nano = 0;
  auto operator<=>(const NanoUsd&) const = default;
  constexpr NanoUsd& operator+=(NanoUsd other) {
    if (__builtin_add_overflow(nano, other.nano, &nano)) nano = limit(other.nano > 0);
    return *this;
  }
  constexpr NanoUsd& operator-=(NanoUsd other) {
    if (__builtin_sub_overflow(nano, other.nano, &nano)) nano = limit(other.nano < 0);
    return *this;
  }

 private:
  static constexpr std::int64_t limit(bool upper) {
    return upper ? std::numeric_limits<std::int64_t>::max() : std::numeric_limits<std::int64_t>::min();
  }
};

// 30 days.
inline constexpr double kHoursPerMonth = 720;

constexpr NanoUsd operator+(NanoUsd a, NanoUsd b) { return a += b; }
constexpr NanoUsd operator-(NanoUsd a, NanoUsd b) { return a -= b; }
constexpr double to_usd(NanoUsd money) { return static_cast<double>(money.nano) * 1e-9; }

// Rounds half away from zero to the nearest nano-dollar. Beyond 9e9 dollars the result stays at 9e9; not-a-number gives
// 0 (whoever reads numbers from outside checks them first).
NanoUsd from_usd(double usd);

// For sentences: "$1,540", "$38", "$4.20", "$0.031", "$27k" and "$1.2M" (from 10,000 when `brief`). Negative: "-$3.10".
// From 10 whole dollars, below that cents, below 10 cents two significant digits; "$?" when not finite.
std::string format_usd(double usd, bool brief = false);

// "$38 an hour, $27k a month at this rate"; "$34 an hour, $290 a month at its usual traffic" when a month of that rate
// would be another sum by more than half.
std::string format_rate(double usd_per_hour, double usd_per_month);

// Exact decimal with nine digits, for dumps and ledgers: "12.345678901".
std::string format_exact(NanoUsd money);

}  // namespace costdrift::core
