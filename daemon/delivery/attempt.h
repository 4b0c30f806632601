// DeliveryAttempt: one message to one sink, with the marks in the DeliveryTable before and after it.
//
// Digests  one message for all that a parcel folds (storm_digest.h); once it is told, every folded incident is marked
//          as told, in one synced batch. A sink that must open incidents is told the end of one that it opened by
//          itself: the report names those, for they would stay open there.
// Expired  what waited too long is marked as given up, and nothing is sent.
// Threads  the sink's own worker.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/notification.h"
#include "core/time.h"
#include "daemon/delivery/parcel.h"
#include "sinks/sink.h"
#include "state/tables.h"

namespace costdrift::daemon {

enum class AttemptResult { delivered, not_needed, retry, rejected, expired, store_failed };

struct AttemptReport {
  AttemptResult result = AttemptResult::not_needed;
  core::Duration retry_after = {};      // of retry; 0: the worker's own back-off decides
  std::string reason = {};              // of retry, rejected and store_failed
  std::vector<std::string> alone = {};  // incidents of a digest that must be told one by one
  std::vector<std::string> owed = {};   // of expired: ends of incidents that the sink was told of, which it must hear
  std::size_t given_up = 0;             // of expired: the others
};

class DeliveryAttempt {
 public:
  // A sink that `must_open` knows incidents by itself: it cannot be told the end of one that it was never told.
  DeliveryAttempt(std::string sink_name, bool must_open, sinks::Sink& sink, state::DeliveryTable& deliveries)
      : sink_name_(std::move(sink_name)), must_open_(must_open), sink_(sink), deliveries_(deliveries) {}

  // What the table says was told already is left out; not_needed: nothing was left.
  AttemptReport make(const DeliveryParcel& parcel);
  // Whether an earlier run left the sink in a storm whose end it was not told.
  bool in_storm() const;

 private:
  bool needed(const core::Notification& notification) const;
  AttemptReport tell(const core::Notification& notification);
  AttemptReport give_up(const std::vector<core::Notification>& expired);
  AttemptReport tell_digest(const DeliveryParcel& parcel);
  bool must_be_alone(const core::Notification& notification) const;
  AttemptReport record(const core::Notification& notification, AttemptReport report);
  AttemptReport record_digest(const std::vector<core::Notification>& folded, const core::Notification& digest,
                              AttemptReport report);

  const std::string sink_name_;
  const bool must_open_;
  sinks::Sink& sink_;
  state::DeliveryTable& deliveries_;
};

}  // namespace costdrift::daemon
