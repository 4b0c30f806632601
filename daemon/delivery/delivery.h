// Delivery: outbox -> sinks. One queue and one worker thread per sink, so that a dead or slow sink delays no other.
//
// Operation  want() replaces the pending message of an incident for a sink by a newer one (level-triggered: the newest
//            version is sent, a resolve never precedes its trigger). The worker paces itself (SinkSpec), retries with
//            full jitter and Retry-After, gives up on a rejection, and writes what the sink was told to the
//            DeliveryTable before it takes the next message. A message that fails waits its turn behind those that are
//            due before it; after five failures in a row the sink is left alone for 30 s, then probed with one message,
//            doubling to 5 min. What the table says was told, or was rejected, in this version or a newer one is not
//            sent again.
// Storms     when more than `storm_limit` incidents would be told within a minute they are folded into one digest a
//            minute (storm.h). A message that a sink refuses for good is told to the other sinks (sink_notice.h).
// Expiry     a ticket (severity info) that could not be told for `ticket_ttl` is given up and marked so; the other
//            sinks hear of it in one message. Pages never expire, nor do ends of incidents that the sink was told of.
//            The time is of the monotonic clock, from when the version came; a restart begins it anew.
// Never told an incident that ended before a sink could be told of it is sent as one message, its end. To a "pagerduty"
//            sink, which has nothing to resolve then, it is not sent; the table notes the first attempt before it is
//            made (version 0), so that "never" holds across a crash.
// Errors     a DeliveryTable that cannot be written ends the sending of that sink: without its marks every message
//            would be repeated. statistics() says so in last_problem.
// Threads    want(), statistics() and stop() are called from the stream thread; workers own their sinks.
// Limits     at least once: a crash between the sink's OK and our synced mark sends the same id again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/notification.h"
#include "daemon/delivery/waiter.h"
#include "sinks/http_client.h"
#include "sinks/sink.h"
#include "state/tables.h"

namespace costdrift::daemon {

struct SinkSetup {
  std::string name;  // the operator's name
  std::string type;
  std::unique_ptr<sinks::Sink> sink;
  core::Duration min_interval = {};
  int burst = 1;
  std::unique_ptr<sinks::HttpClient> http = nullptr;  // the one the sink uses; cancelled by stop()
};

struct SinkStatistics {
  std::string name, type;
  std::int64_t delivered = 0, retried = 0, rejected = 0, expired = 0, pending = 0;
  std::string last_problem;  // empty when the last attempt succeeded
};

class Delivery {
 public:
  // `deliveries`, `clock` and `waiter` outlive the object. Reads no clock but `clock`; no `waiter` means real time.
  // `storm_limit` 0: no digests. `ticket_ttl` 0: nothing expires.
  Delivery(std::vector<SinkSetup> sinks, state::DeliveryTable& deliveries, const core::Clock& clock,
           Waiter* waiter = nullptr, int storm_limit = 0, core::Duration ticket_ttl = {});
  ~Delivery();

  // `sink` must be one of the setups; an unknown name is ignored (the sink was removed from the configuration).
  void want(const std::string& sink, core::Notification notification);

  std::vector<SinkStatistics> statistics() const;

  // Stops taking messages, lets the workers empty their queues for up to `patience`, then ends them, cancelling a
  // request under way (about a second). A worker with nothing to send before that ends at once. What is not sent stays
  // in the outbox and goes out after the next start. May be called again.
  void stop(core::Duration patience);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::daemon
