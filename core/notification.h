// Notification: one message for one sink, as the delivery worker hands it over.
#pragma once

#include <string>
#include <string_view>

#include "core/alert_event.h"

namespace costdrift::core {

enum class NotificationAction : std::uint8_t { trigger = 0, update = 1, resolve = 2 };

// Messages of costdrift about itself stand in an alert event too, under these names instead of a detector's.
inline constexpr std::string_view kStormDetector = "storm";               // a digest of many incidents
inline constexpr std::string_view kSinkProblemDetector = "sink_problem";  // a sink refuses what it is sent
inline constexpr std::string_view kDiskFullDetector = "disk_full";        // reading has stopped
inline constexpr std::string_view kSeriesLimitDetector = "series_limit";  // limits.max_series are kept apart

struct Notification {
  NotificationAction action = NotificationAction::trigger;
  AlertEvent event;
  // Same for every retry and after every restart: "<incident_id>:<version>". Contains no '.'.
  std::string id() const { return event.incident_id + ":" + std::to_string(event.version); }
};

}  // namespace costdrift::core
