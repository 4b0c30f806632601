#include "daemon/delivery_schedule.h"

#include <algorithm>

namespace costdrift::daemon {

DeliverySchedule::DeliverySchedule(std::string sink_name, std::string sink_type, core::Duration min_interval, int burst,
                                   std::mt19937 random)
    : pace_(min_interval, burst), random_(random) {
  statistics_.name = std::move(sink_name);
  statistics_.type = std::move(sink_type);
}

core::MonotonicTime DeliverySchedule::next_start() const {
  const auto due = queue_.next_due();
  if (!due || store_failed_) return core::MonotonicTime::max();
  return std::max({*due, pace_.next(), breaker_.next(), asked_to_wait_until_});
}

SinkStatistics DeliverySchedule::statistics() const {
  SinkStatistics statistics = statistics_;
  statistics.pending = static_cast<std::int64_t>(queue_.size());
  return statistics;
}

void DeliverySchedule::settle(const core::Notification& taken, const AttemptReport& report, core::MonotonicTime now) {
  if (report.result != AttemptResult::not_needed) pace_.take(now);
  switch (report.result) {
    case AttemptResult::not_needed:
      queue_.finish(taken, now);
      return;
    case AttemptResult::delivered:
      ++statistics_.delivered;
      statistics_.last_problem.clear();
      breaker_.on_success();
      queue_.finish(taken, now);
      return;
    case AttemptResult::rejected:
      ++statistics_.rejected;
      statistics_.last_problem = report.reason;
      breaker_.on_success();  // the sink answers: other messages may pass
      queue_.finish(taken, now);
      return;
    case AttemptResult::retry:
      settle_retry(taken, report, now);
      return;
    case AttemptResult::store_failed:
      statistics_.last_problem = report.reason;
      store_failed_ = true;
      queue_.retry(taken, now);
      return;
  }
}

void DeliverySchedule::settle_retry(const core::Notification& taken, const AttemptReport& report,
                                    core::MonotonicTime now) {
  ++statistics_.retried;
  statistics_.last_problem = report.reason;
  breaker_.on_failure(now);
  if (report.retry_after.us > 0) asked_to_wait_until_ = after(now, report.retry_after);
  const core::Duration backoff = jittered_backoff(random_, queue_.failures(taken.event.incident_id) + 1);
  queue_.retry(taken, after(now, std::max(backoff, report.retry_after)));
}

}  // namespace costdrift::daemon
