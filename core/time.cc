#include "core/time.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "core/text.h"

namespace costdrift::core {
namespace {

constexpr std::int64_t kSecond = 1'000'000;
constexpr std::int64_t kDay = 86'400 * kSecond;

constexpr std::int64_t day_start(int year, unsigned month, unsigned day) {
  using namespace std::chrono;
  return sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day))
             .time_since_epoch()
             .count() *
         kDay;
}

constexpr std::int64_t kFirstPrintable = day_start(0, 1, 1);
constexpr std::int64_t kLastPrintable = day_start(9999, 12, 31) + kDay - 1;
constexpr std::int64_t kEndOfReadable = day_start(2201, 1, 1);

struct CivilTime {
  int year = 0;
  unsigned month = 0, day = 0;
  int hour = 0, minute = 0, second = 0, micros = 0;
};

CivilTime civil_time(EventTime t) {
  const EventTime printable{std::clamp(t.us, kFirstPrintable, kLastPrintable)};
  const std::int64_t day_us = floor_to(printable, days(1)).us;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day_us / kDay))};
  const std::int64_t rest = printable.us - day_us;
  const auto seconds_of_day = static_cast<int>(rest / kSecond);
  return {static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()), seconds_of_day / 3600,
          seconds_of_day / 60 % 60,          seconds_of_day % 60,
          static_cast<int>(rest % kSecond)};
}

// Reads from the front of a text; once something does not fit, every later answer is 0 or false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    if (rest_.size() < count) return give_up();
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return give_up();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  // Consumes one character if it is among `choices`.
  bool skip(std::string_view choices) {
    for (const char choice : choices) {
      if (rest_.empty() || rest_.front() != choice) continue;
      rest_.remove_prefix(1);
      return true;
    }
    return false;
  }

  void expect(std::string_view choices) {
    if (!skip(choices)) give_up();
  }

  std::size_t leading_digits() const { return std::min(rest_.find_first_not_of("0123456789"), rest_.size()); }

  int give_up() {
    good_ = false;
    rest_ = {};
    return 0;
  }
  bool finished() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

int scan_fraction(Scanner& scan) {
  if (!scan.skip(".")) return 0;
  const std::size_t count = scan.leading_digits();
  if (count == 0 || count > 9) return scan.give_up();
  int micros = scan.digits(std::min<std::size_t>(count, 6));
  for (std::size_t i = count; i < 6; ++i) micros *= 10;
  if (count > 6) scan.digits(count - 6);
  return micros;
}

// Minutes east of UTC.
int scan_offset(Scanner& scan) {
  const bool east = scan.skip("+");
  if (!east && !scan.skip("-")) {
    scan.skip("Zz");
    return 0;
  }
  const int hour = scan.digits(2);
  scan.skip(":");
  const int minute = scan.digits(2);
  if (hour > 23 || minute > 59) return scan.give_up();
  return (east ? 1 : -1) * (hour * 60 + minute);
}

bool is_date(const CivilTime& civil) {
  return (std::chrono::year(civil.year) / std::chrono::month(civil.month) / std::chrono::day(civil.day)).ok();
}

Error time_error(std::string_view text) {
  return fail(ErrorCode::bad_data, "cannot read \"" + escape_for_log(text, 64) +
                                       "\" as a time: write RFC 3339 between 1970 and 2200, such as "
                                       "2026-03-02T14:05:00Z or 2026-03-02T15:05:00.250+01:00");
}

}  // namespace

std::string format_rfc3339(EventTime t) {
  const CivilTime civil = civil_time(t);
  std::array<char, 64> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02d", civil.year, civil.month, civil.day,
                civil.hour, civil.minute, civil.second);
  std::string text = buffer.data();
  if (civil.micros % 1000 != 0) {
    std::snprintf(buffer.data(), buffer.size(), ".%06d", civil.micros);
    text += buffer.data();
  } else if (civil.micros != 0) {
    std::snprintf(buffer.data(), buffer.size(), ".%03d", civil.micros / 1000);
    text += buffer.data();
  }
  return text + "Z";
}

std::string format_clock(EventTime t, bool with_date) {
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const CivilTime civil = civil_time(t);
  std::array<char, 32> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%02d:%02d UTC", civil.hour, civil.minute);
  if (!with_date) return buffer.data();
  return std::to_string(civil.day) + " " + kMonths[civil.month - 1] + " " + buffer.data();
}

Result<EventTime> parse_rfc3339(std::string_view text) {
  Scanner scan(text);
  CivilTime civil;
  civil.year = scan.digits(4);
  scan.expect("-");
  civil.month = static_cast<unsigned>(scan.digits(2));
  scan.expect("-");
  civil.day = static_cast<unsigned>(scan.digits(2));
  scan.expect("Tt ");
  civil.hour = scan.digits(2);
  scan.expect(":");
  civil.minute = scan.digits(2);
  scan.expect(":");
  civil.second = scan.digits(2);
  civil.micros = scan_fraction(scan);
  const int offset_minutes = scan_offset(scan);
  if (!scan.finished() || !is_date(civil)) return time_error(text);
  if (civil.hour > 23 || civil.minute > 59 || civil.second > 59) return time_error(text);
  const int minute_of_day = civil.hour * 60 + civil.minute - offset_minutes;
  const EventTime t{day_start(civil.year, civil.month, civil.day) + minutes(minute_of_day).us +
                    seconds(civil.second).us + civil.micros};
  if (t.us < 0 || t.us >= kEndOfReadable) return time_error(text);
  return t;
}

}  // namespace costdrift::core
