// WebhookBench: the real delivery, with real webhook sinks over real HTTP on loopback, an in-memory store, and a clock
// that the test moves (pace, back-off and breaker go by it; HTTP itself takes the time that it takes).
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "daemon/delivery/delivery.h"
#include "state/store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/http_stub.h"

namespace costdrift::tests {

class WebhookBench {
 public:
  struct Target {
    std::string name, url;
    core::Duration patience = core::seconds(10);  // of one request
    core::Duration min_interval = {};
    int burst = 1;
  };
  explicit WebhookBench(const std::vector<Target>& targets, int storm_limit = 0);
  ~WebhookBench();

  void want(const std::string& sink, const std::string& incident_id, std::int64_t version = 1);
  // Until every worker waits for time to pass.
  [[nodiscard]] bool settle() { return clock.await_sleepers(sinks_); }
  // Until nothing is pending at the sink; false after `patience`.
  [[nodiscard]] bool await_idle(const std::string& sink,
                                std::chrono::milliseconds patience = std::chrono::seconds(10)) const;
  daemon::SinkStatistics statistics(const std::string& sink) const;
  state::DeliveryTable& table() { return *table_; }

  FakeClock clock;

 private:
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<state::DeliveryTable> table_;
  std::size_t sinks_;
  std::unique_ptr<daemon::Delivery> delivery_;
};

}  // namespace costdrift::tests
