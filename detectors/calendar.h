// Calendar: where days, weeks and months begin in a time zone.
//
// Uses the IANA rules of the system (howardhinnant date over /usr/share/zoneinfo), so a day may have 23 or 25 hours.
// Threads   any.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "core/time.h"

namespace date {
class time_zone;
}

namespace costdrift::detectors {

enum class Period : std::uint8_t { day, week, month };  // weeks begin on Monday
std::string_view period_name(Period period);

class Calendar {
 public:
  // Error (config): the system knows no such zone.
  static core::Result<Calendar> of(const std::string& zone);
  // The beginning of the period that holds `time`, and of the next one.
  core::EventTime begin(Period period, core::EventTime time) const;
  core::EventTime end(Period period, core::EventTime time) const;

 private:
  explicit Calendar(const date::time_zone* zone) : zone_(zone) {}
  const date::time_zone* zone_;
};

}  // namespace costdrift::detectors
