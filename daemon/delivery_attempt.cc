#include "daemon/delivery_attempt.h"

namespace costdrift::daemon {
namespace {

using core::NotificationAction;

std::uint8_t stored(NotificationAction action) { return static_cast<std::uint8_t>(action); }

AttemptReport report_of(sinks::Outcome outcome) {
  if (auto* retry = std::get_if<sinks::Retry>(&outcome)) {
    return {AttemptResult::retry, retry->after, std::move(retry->reason)};
  }
  if (auto* rejected = std::get_if<sinks::Rejected>(&outcome)) {
    return {AttemptResult::rejected, {}, std::move(rejected->reason)};
  }
  return {AttemptResult::delivered, {}, {}};
}

AttemptReport store_failure(const core::Error& error) {
  return {AttemptResult::store_failed,
          {},
          "nothing more is sent to this sink, because what it was told cannot be recorded: " + error.message};
}

}  // namespace

bool DeliveryAttempt::needed(const core::Notification& notification) const {
  const auto told = deliveries_.get(sink_name_, notification.event.incident_id);
  return !told || told->version < notification.event.version;
}

AttemptReport DeliveryAttempt::make(const core::Notification& notification) {
  const std::string& incident_id = notification.event.incident_id;
  if (must_open_ && !deliveries_.get(sink_name_, incident_id)) {
    if (notification.action == NotificationAction::resolve) return record(notification, {});
    // An attempt whose answer is lost may have opened the incident: from here on its end must be sent.
    const auto noted = deliveries_.put(sink_name_, incident_id, {0, stored(NotificationAction::trigger), false, ""});
    if (!noted) return store_failure(noted.error());
  }
  AttemptReport report = report_of(sink_.deliver(notification));
  return report.result == AttemptResult::retry ? report : record(notification, std::move(report));
}

AttemptReport DeliveryAttempt::record(const core::Notification& notification, AttemptReport report) {
  state::Delivery told;
  told.version = notification.event.version;
  told.action = stored(notification.action);
  told.dead = report.result == AttemptResult::rejected;
  told.reason = report.result == AttemptResult::not_needed ? "ended before this sink was told" : report.reason;
  const auto written = deliveries_.put(sink_name_, notification.event.incident_id, told);
  return written ? report : store_failure(written.error());
}

}  // namespace costdrift::daemon
