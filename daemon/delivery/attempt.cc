#include "daemon/delivery/attempt.h"

#include "core/kill_point.h"
#include "daemon/delivery/storm_digest.h"

namespace costdrift::daemon {
namespace {

using core::NotificationAction;

std::uint8_t stored(NotificationAction action) { return static_cast<std::uint8_t>(action); }

// A sink that must open incidents holds this one open.
bool is_open(const std::optional<state::Delivery>& told) {
  return told && told->action != stored(NotificationAction::resolve);
}

// What costdrift says about itself would be lost among incidents with dollars.
bool is_own_notice(const core::AlertEvent& event) {
  return event.detector == core::kSinkProblemDetector || event.detector == core::kSeriesLimitDetector ||
         event.detector == core::kDiskFullDetector;
}

AttemptReport report_of(sinks::Outcome outcome) {
  if (auto* retry = std::get_if<sinks::Retry>(&outcome)) {
    return {.result = AttemptResult::retry, .retry_after = retry->after, .reason = std::move(retry->reason)};
  }
  if (auto* rejected = std::get_if<sinks::Rejected>(&outcome)) {
    return {.result = AttemptResult::rejected, .reason = std::move(rejected->reason)};
  }
  return {.result = AttemptResult::delivered};
}

AttemptReport store_failure(const core::Error& error) {
  return {.result = AttemptResult::store_failed,
          .reason = "nothing more is sent to this sink, because what it was told cannot be recorded: " + error.message};
}

}  // namespace

AttemptReport DeliveryAttempt::make(const DeliveryParcel& parcel) {
  if (parcel.expired) return give_up(parcel.messages);
  if (parcel.digest) return tell_digest(parcel);
  const core::Notification& notification = parcel.messages.front();
  return needed(notification) ? tell(notification) : AttemptReport{};
}

bool DeliveryAttempt::in_storm() const { return is_open(deliveries_.get(sink_name_, storm_incident_id(sink_name_))); }

bool DeliveryAttempt::needed(const core::Notification& notification) const {
  const auto told = deliveries_.get(sink_name_, notification.event.incident_id);
  return !told || told->version < notification.event.version;
}

AttemptReport DeliveryAttempt::tell(const core::Notification& notification) {
  const std::string& incident_id = notification.event.incident_id;
  const auto told = deliveries_.get(sink_name_, incident_id);
  if (must_open_ && !is_open(told)) {
    if (notification.action == NotificationAction::resolve) return record(notification, {});
    // An attempt whose answer is lost may have opened the incident: from here on its end must be sent.
    const auto noted = deliveries_.put(sink_name_, incident_id,
                                       {told ? told->version : 0, stored(NotificationAction::trigger), false, ""});
    if (!noted) return store_failure(noted.error());
  }
  COSTDRIFT_KILL_POINT("send.begun");
  AttemptReport report = report_of(sink_.deliver(notification));
  COSTDRIFT_KILL_POINT("send.answered");
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

AttemptReport DeliveryAttempt::give_up(const std::vector<core::Notification>& expired) {
  AttemptReport report;
  report.result = AttemptResult::expired;
  std::vector<std::pair<std::string, state::Delivery>> rows;
  for (const auto& message : expired) {
    const auto told = deliveries_.get(sink_name_, message.event.incident_id);
    if (told && told->version >= message.event.version) continue;
    if (message.action == NotificationAction::resolve && is_open(told) && !told->dead) {
      report.owed.push_back(message.event.incident_id);
      continue;
    }
    rows.emplace_back(message.event.incident_id,
                      state::Delivery{message.event.version, stored(message.action), true, "waited too long"});
  }
  report.given_up = rows.size();
  const auto written = deliveries_.put_all(sink_name_, rows);
  return written ? report : store_failure(written.error());
}

bool DeliveryAttempt::must_be_alone(const core::Notification& notification) const {
  if (is_own_notice(notification.event)) return true;
  return must_open_ && notification.action == NotificationAction::resolve &&
         is_open(deliveries_.get(sink_name_, notification.event.incident_id));
}

AttemptReport DeliveryAttempt::tell_digest(const DeliveryParcel& parcel) {
  std::vector<core::Notification> folded;
  std::vector<std::string> alone;
  for (const auto& message : parcel.messages) {
    if (!needed(message)) continue;
    if (must_be_alone(message)) {
      alone.push_back(message.event.incident_id);
    } else {
      folded.push_back(message);
    }
  }
  const auto told = deliveries_.get(sink_name_, storm_incident_id(sink_name_));
  if (folded.empty() && !(parcel.ends_storm && is_open(told))) return {.alone = std::move(alone)};
  const core::Notification digest = storm_digest({.sink = sink_name_,
                                                  .version = told ? told->version + 1 : 1,
                                                  .goes_on = is_open(told),
                                                  .ends = parcel.ends_storm,
                                                  .at = parcel.at},
                                                 folded);
  AttemptReport report = report_of(sink_.deliver(digest));
  if (report.result == AttemptResult::retry) return report;
  report = record_digest(folded, digest, std::move(report));
  report.alone = std::move(alone);
  return report;
}

AttemptReport DeliveryAttempt::record_digest(const std::vector<core::Notification>& folded,
                                             const core::Notification& digest, AttemptReport report) {
  const bool dead = report.result == AttemptResult::rejected;
  std::vector<std::pair<std::string, state::Delivery>> rows;
  for (const auto& message : folded) {
    // What was only folded is not open at a sink that opens incidents, so its end need not be told there; what it held
    // open before stays so.
    const bool open = is_open(deliveries_.get(sink_name_, message.event.incident_id));
    const auto action = !must_open_ ? message.action : open ? NotificationAction::trigger : NotificationAction::resolve;
    rows.emplace_back(message.event.incident_id, state::Delivery{message.event.version, stored(action), dead,
                                                                 dead ? report.reason : "told in a digest"});
  }
  rows.emplace_back(digest.event.incident_id,
                    state::Delivery{digest.event.version, stored(digest.action), dead, report.reason});
  const auto written = deliveries_.put_all(sink_name_, rows);
  return written ? report : store_failure(written.error());
}

}  // namespace costdrift::daemon
