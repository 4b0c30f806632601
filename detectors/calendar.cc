#include "detectors/calendar.h"

#include <date/tz.h>

#include <chrono>

namespace costdrift::detectors {
namespace {

using Local = date::local_days;

Local first_day(Period period, Local day) {
  switch (period) {
    case Period::day:
      return day;
    case Period::week:
      return day - (date::weekday(day) - date::Monday);
    case Period::month: {
      const date::year_month_day date(day);
      return Local(date.year() / date.month() / 1);
    }
  }
  core::bug("unknown budget period");
}

Local next_day(Period period, Local first) {
  switch (period) {
    case Period::day:
      return first + date::days(1);
    case Period::week:
      return first + date::days(7);
    case Period::month: {
      const date::year_month_day date(first);
      return Local((date.year() / date.month() + date::months(1)) / 1);
    }
  }
  core::bug("unknown budget period");
}

Local local_day(const date::time_zone& zone, core::EventTime time) {
  const date::sys_time<std::chrono::microseconds> at{std::chrono::microseconds(time.us)};
  return date::floor<date::days>(zone.to_local(at));
}

// A midnight that the clocks skip begins at the first moment after it.
core::EventTime midnight(const date::time_zone& zone, Local day) {
  const auto at = zone.to_sys(day, date::choose::earliest);
  return {std::chrono::duration_cast<std::chrono::microseconds>(at.time_since_epoch()).count()};
}

}  // namespace

std::string_view period_name(Period period) {
  switch (period) {
    case Period::day:
      return "day";
    case Period::week:
      return "week";
    case Period::month:
      return "month";
  }
  core::bug("unknown budget period");
}

core::Result<Calendar> Calendar::of(const std::string& zone) {
  try {
    return Calendar(date::locate_zone(zone));
  } catch (const std::exception& error) {
    return core::fail(core::ErrorCode::config, "time zone \"" + zone + "\": " + error.what() +
                                                   "; use a name such as Europe/Berlin (Debian package tzdata)");
  }
}

core::EventTime Calendar::begin(Period period, core::EventTime time) const {
  return midnight(*zone_, first_day(period, local_day(*zone_, time)));
}

core::EventTime Calendar::end(Period period, core::EventTime time) const {
  return midnight(*zone_, next_day(period, first_day(period, local_day(*zone_, time))));
}

}  // namespace costdrift::detectors
