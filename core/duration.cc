#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/text.h"
#include "core/time.h"

namespace costdrift::core {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t us;
};

// Largest first.
constexpr Unit kUnits[] = {{"d", days(1).us},    {"h", hours(1).us},         {"m", minutes(1).us},
                           {"s", seconds(1).us}, {"ms", milliseconds(1).us}, {"us", 1}};

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// Adds "15m" and the like to the sum of microseconds; false when it is not one, or too long for a Duration.
bool add_part(std::string_view number, const Unit* unit, std::int64_t& sum) {
  if (number.empty() || unit == nullptr) return false;
  std::int64_t count = 0;
  for (const char digit : number) {
    if (__builtin_mul_overflow(count, 10, &count) || __builtin_add_overflow(count, digit - '0', &count)) return false;
  }
  return !__builtin_mul_overflow(count, unit->us, &count) && !__builtin_add_overflow(sum, count, &sum);
}

// A sum of parts, each unit at most once and in falling order: "5m5m" is more likely a slip than a sum.
bool add_parts(std::string_view text, std::int64_t& sum) {
  const Unit* previous = nullptr;
  while (!text.empty()) {
    const std::size_t number_end = std::min(text.find_first_not_of("0123456789"), text.size());
    const std::size_t part_end = std::min(text.find_first_of("0123456789", number_end), text.size());
    const Unit* unit = find_unit(text.substr(number_end, part_end - number_end));
    if (!add_part(text.substr(0, number_end), unit, sum)) return false;
    if (previous != nullptr && unit->us >= previous->us) return false;
    previous = unit;
    text.remove_prefix(part_end);
  }
  return previous != nullptr;
}

std::string in_unit(double us, const Unit& unit, std::string_view name) {
  const double value = us / static_cast<double>(unit.us);
  std::array<char, 32> buffer;
  std::snprintf(buffer.data(), buffer.size(), value < 9.95 ? "%.1f" : "%.0f", value);
  std::string text = buffer.data();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text.append(" ").append(name);
}

std::string describe_positive(double us) {
  if (us < 999.5e3) return in_unit(us, kUnits[4], "ms");
  if (us < 59.5e6) return in_unit(us, kUnits[3], "s");
  if (us < 59.5 * 60e6) return in_unit(us, kUnits[2], "min");
  if (us < 47.5 * 3600e6) return in_unit(us, kUnits[1], "h");
  return in_unit(us, kUnits[0], "d");
}

std::string parts_of(std::uint64_t us) {
  std::string text;
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::uint64_t>(unit.us);
    if (us >= size) text.append(std::to_string(us / size)).append(unit.name);
    us %= size;
  }
  return text;
}

std::string format_positive(std::uint64_t us) {
  if (us == 0) return "0s";
  if (us > static_cast<std::uint64_t>(days(1).us)) return parts_of(us);
  for (const Unit& unit : kUnits) {
    const auto size = static_cast<std::uint64_t>(unit.us);
    if (us % size != 0) continue;
    // "90s" reads better than "1m30s", but "3601s" worse than "1h1s".
    return us / size < 100 ? std::to_string(us / size).append(unit.name) : parts_of(us);
  }
  return {};
}

std::uint64_t magnitude(Duration d) {
  const auto bits = static_cast<std::uint64_t>(d.us);
  return d.us < 0 ? ~bits + 1 : bits;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::int64_t sum = 0;
  if (!add_parts(text.substr(negative ? 1 : 0), sum)) {
    return fail(ErrorCode::bad_data, "cannot read \"" + escape_for_log(text, 64) +
                                         "\" as a duration: write numbers with units (d, h, m, s, ms, us), largest "
                                         "unit first, such as 90s, 15m or 1h30m");
  }
  return Duration{negative ? -sum : sum};
}

std::string format_duration(Duration d) { return (d.us < 0 ? "-" : "") + format_positive(magnitude(d)); }

std::string describe_duration(Duration d) {
  if (d.us == 0) return "0 s";
  return (d.us < 0 ? "-" : "") + describe_positive(static_cast<double>(magnitude(d)));
}

}  // namespace costdrift::core
