#include "daemon/delivery/schedule.h"

#include <algorithm>

namespace costdrift::daemon {

std::string tickets_given_up(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " ticket" : " tickets") + " waited longer than limits.ticket_ttl and " +
         (count == 1 ? "was" : "were") + " given up";
}

DeliverySchedule::DeliverySchedule(std::string sink_name, std::string sink_type, core::Duration min_interval, int burst,
                                   std::mt19937 random, int storm_limit, core::Duration ticket_ttl)
    : queue_(ticket_ttl), storm_(storm_limit), pace_(min_interval, burst), random_(random) {
  statistics_.name = std::move(sink_name);
  statistics_.type = std::move(sink_type);
}

void DeliverySchedule::want(core::Notification notification, core::MonotonicTime now) {
  queue_.put(std::move(notification), now);
  storm_.on_wanted(queue_, now);
}

std::optional<core::MonotonicTime> DeliverySchedule::next_due() const {
  if (!storm_.active()) return queue_.next_due();
  core::MonotonicTime earliest = storm_.ends_at();
  for (const auto& incident_id : alone_) earliest = std::min(earliest, queue_.due(incident_id).value_or(earliest));
  if (const auto due = queue_.next_due()) earliest = std::min(earliest, std::max(*due, storm_.next_digest()));
  return earliest;
}

core::MonotonicTime DeliverySchedule::next_start() const {
  const auto due = next_due();
  if (!due || store_failed_) return core::MonotonicTime::max();
  // What has expired is not sent, so nothing holds it up.
  const auto expiry = queue_.next_expiry().value_or(core::MonotonicTime::max());
  return std::min(expiry, std::max({*due, pace_.next(), breaker_.next(), asked_to_wait_until_}));
}

DeliveryParcel DeliverySchedule::take(core::MonotonicTime now, core::WallTime wall) {
  if (queue_.next_expiry().value_or(core::MonotonicTime::max()) <= now) {
    return {.messages = queue_.take_expired(now), .expired = true};
  }
  if (!storm_.active()) return {.messages = {queue_.take()}};
  for (const auto& incident_id : alone_) {
    const auto due = queue_.due(incident_id);
    if (due && *due <= now) return {.messages = {queue_.take(incident_id)}};
  }
  return {.messages = queue_.take_all(), .digest = true, .ends_storm = storm_.ends_at() <= now, .at = wall};
}

SinkStatistics DeliverySchedule::statistics() const {
  SinkStatistics statistics = statistics_;
  statistics.pending = static_cast<std::int64_t>(queue_.size());
  return statistics;
}

void DeliverySchedule::settle(const DeliveryParcel& taken, const AttemptReport& report, core::MonotonicTime now) {
  const bool asked_the_sink = report.result != AttemptResult::not_needed && report.result != AttemptResult::expired;
  if (asked_the_sink) {
    pace_.take(now);
    statistics_.last_problem = failing_because_ = report.reason;
  }
  switch (report.result) {
    case AttemptResult::not_needed:
      finish(taken, report, now);
      return;
    case AttemptResult::delivered:
      ++statistics_.delivered;
      breaker_.on_success();
      finish(taken, report, now);
      return;
    case AttemptResult::rejected:
      ++statistics_.rejected;
      breaker_.on_success();  // the sink answers: other messages may pass
      finish(taken, report, now);
      return;
    case AttemptResult::retry:
      settle_retry(taken, report, now);
      return;
    case AttemptResult::expired:
      settle_expired(taken, report, now);
      return;
    case AttemptResult::store_failed:
      store_failed_ = true;
      for (const auto& message : taken.messages) queue_.retry(message, now);
      return;
  }
}

void DeliverySchedule::settle_expired(const DeliveryParcel& taken, const AttemptReport& report,
                                      core::MonotonicTime now) {
  const std::set<std::string> owed(report.owed.begin(), report.owed.end());
  for (const auto& message : taken.messages) {
    const std::string& incident_id = message.event.incident_id;
    if (owed.contains(incident_id)) {
      queue_.keep(message, now);
      continue;
    }
    alone_.erase(incident_id);
    queue_.finish(message, now);
  }
  statistics_.expired += static_cast<std::int64_t>(report.given_up);
  if (report.given_up == 0) return;
  statistics_.last_problem =
      tickets_given_up(report.given_up) + (failing_because_.empty() ? "" : ": ") + failing_because_;
}

void DeliverySchedule::finish(const DeliveryParcel& taken, const AttemptReport& report, core::MonotonicTime now) {
  const std::set<std::string> alone(report.alone.begin(), report.alone.end());
  for (const auto& message : taken.messages) {
    const std::string& incident_id = message.event.incident_id;
    if (alone.contains(incident_id)) {
      alone_.insert(incident_id);
      queue_.retry(message, now);
      continue;
    }
    alone_.erase(incident_id);
    if (!taken.digest && report.result == AttemptResult::delivered) storm_.on_told(incident_id, now);
    queue_.finish(message, now);
  }
  if (!taken.digest) return;
  storm_.on_digest_told(now);
  if (!taken.ends_storm) return;
  storm_.end();
  storm_.on_wanted(queue_, now);  // what came while the end was being told may be the next storm
}

void DeliverySchedule::settle_retry(const DeliveryParcel& taken, const AttemptReport& report, core::MonotonicTime now) {
  ++statistics_.retried;
  breaker_.on_failure(now);
  const int failures = taken.messages.empty() ? 0 : queue_.failures(taken.messages.front().event.incident_id);
  const core::Duration wait = std::max(jittered_backoff(random_, failures + 1), report.retry_after);
  // A digest holds everything, so its back-off is the sink's.
  if (report.retry_after.us > 0 || taken.digest) {
    asked_to_wait_until_ = after(now, taken.digest ? wait : report.retry_after);
  }
  for (const auto& message : taken.messages) queue_.retry(message, after(now, wait));
}

}  // namespace costdrift::daemon
