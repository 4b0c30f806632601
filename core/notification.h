// Notification: one message for one sink, as the delivery worker hands it over.
#pragma once

#include <string>

#include "core/alert_event.h"

namespace costdrift::core {

enum class NotificationAction : std::uint8_t { trigger = 0, update = 1, resolve = 2 };

struct Notification {
  NotificationAction action = NotificationAction::trigger;
  AlertEvent event;
  // Same for every retry and after every restart: "<incident_id>:<version>". Contains no '.'.
  std::string id() const { return event.incident_id + ":" + std::to_string(event.version); }
};

}  // namespace costdrift::core
