#include "core/money.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/text.h"

namespace costdrift::core {
namespace {

constexpr double kMaxUsd = 9e9;

// "27" from 10, "2.7" or "3" below: the number in front of k, M or B.
std::string two_digits(double value) {
  std::array<char, 32> buffer;
  std::snprintf(buffer.data(), buffer.size(), value < 9.95 ? "%.1f" : "%.0f", value);
  std::string text = buffer.data();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string brief_amount(double usd) {
  if (usd < 999'500) return two_digits(usd / 1e3) + "k";
  if (usd < 999.5e6) return two_digits(usd / 1e6) + "M";
  return two_digits(usd / 1e9) + "B";
}

// Cents, or two significant digits where a cent is too coarse.
std::string small_amount(double usd) {
  int decimals = 2;
  for (double bound = 0.0995; usd < bound && decimals < 9; bound /= 10) ++decimals;
  std::array<char, 32> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%.*f", decimals, usd);
  return buffer.data();
}

std::string amount(double usd, bool brief) {
  if (usd < 0.5e-9) return "0";
  if (brief && usd >= 9'999.5) return brief_amount(usd);
  if (usd < 9.995) return small_amount(usd);
  return group_digits(std::llround(std::min(usd, 9e18)));
}

}  // namespace

NanoUsd from_usd(double usd) {
  if (std::isnan(usd)) return {};
  return {std::llround(std::clamp(usd, -kMaxUsd, kMaxUsd) * 1e9)};
}

std::string format_usd(double usd, bool brief) {
  if (!std::isfinite(usd)) return "$?";
  const std::string text = amount(std::abs(usd), brief);
  return (usd < 0 && text != "0" ? "-$" : "$") + text;
}

std::string format_rate(double usd_per_hour, double usd_per_month) {
  const double at_this_rate = usd_per_hour * kHoursPerMonth;
  const bool alike = at_this_rate <= 1.5 * usd_per_month && usd_per_month <= 1.5 * at_this_rate;
  return format_usd(usd_per_hour) + " an hour, " + format_usd(usd_per_month, true) +
         (alike ? " a month at this rate" : " a month at its usual traffic");
}

std::string format_exact(NanoUsd money) {
  const auto bits = static_cast<std::uint64_t>(money.nano);
  const std::uint64_t magnitude = money.nano < 0 ? ~bits + 1 : bits;
  std::string fraction = std::to_string(magnitude % 1'000'000'000);
  fraction.insert(0, 9 - fraction.size(), '0');
  return (money.nano < 0 ? "-" : "") + std::to_string(magnitude / 1'000'000'000) + "." + fraction;
}

}  // namespace costdrift::core
