// DeliveryAttempt: one message to one sink, with the marks in the DeliveryTable before and after it.
//
// Threads  the sink's own worker.
#pragma once

#include <string>
#include <string_view>

#include "core/notification.h"
#include "core/time.h"
#include "sinks/sink.h"
#include "state/tables.h"

namespace costdrift::daemon {

enum class AttemptResult { delivered, not_needed, retry, rejected, store_failed };

struct AttemptReport {
  AttemptResult result = AttemptResult::not_needed;
  core::Duration retry_after;  // of retry; 0: the worker's own back-off decides
  std::string reason;          // of retry, rejected and store_failed
};

class DeliveryAttempt {
 public:
  // A sink that `must_open` knows incidents by itself: it cannot be told the end of one that it was never told.
  DeliveryAttempt(std::string sink_name, bool must_open, sinks::Sink& sink, state::DeliveryTable& deliveries)
      : sink_name_(std::move(sink_name)), must_open_(must_open), sink_(sink), deliveries_(deliveries) {}

  // Whether the sink still has to be told this; the table may know a newer version.
  bool needed(const core::Notification& notification) const;
  AttemptReport make(const core::Notification& notification);

 private:
  AttemptReport record(const core::Notification& notification, AttemptReport report);

  const std::string sink_name_;
  const bool must_open_;
  sinks::Sink& sink_;
  state::DeliveryTable& deliveries_;
};

}  // namespace costdrift::daemon
