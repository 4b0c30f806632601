// DeliveryBench: a Delivery over recording sinks, an in-memory store and a clock that the test moves.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/delivery/delivery.h"
#include "state/store.h"
#include "tests/support/fake_clock.h"
#include "tests/support/recording_sink.h"

namespace costdrift::tests {

class DeliveryBench {
 public:
  struct SinkPlan {
    std::string name, type;
    core::Duration min_interval = {};
    int burst = 1;
  };

  // Both as for Delivery.
  explicit DeliveryBench(int storm_limit = 0, core::Duration ticket_ttl = {});
  ~DeliveryBench();

  void start(const SinkPlan& first) { open({first}); }
  void start(const SinkPlan& first, const SinkPlan& second) { open({first, second}); }
  void start_on_a_store_that_cannot_be_written(const SinkPlan& plan);
  // Called when Delivery cancels a sink's HTTP client.
  void on_cancel(std::function<void()> action) { on_cancel_ = std::move(action); }

  // Another life of the daemon with the same sinks and the same store; nothing is pending in it.
  void restart();

  void want(const std::string& sink, const std::string& incident_id, std::int64_t version,
            core::NotificationAction action = core::NotificationAction::trigger,
            core::Severity severity = core::Severity::warning);

  daemon::Delivery& delivery() { return *delivery_; }
  state::DeliveryTable& table() { return *table_; }
  SinkRecord& record(const std::string& sink) { return records_[sink]; }
  daemon::SinkStatistics statistics(const std::string& sink) const;

  // Until every worker waits; false after ten seconds of real time. Not right after want(): its worker may not have
  // woken yet.
  [[nodiscard]] bool settle() { return clock_.await_sleepers(plans_.size()); }
  // Moves time, then settles.
  [[nodiscard]] bool advance(core::Duration step);
  // Until nothing is pending at any sink.
  [[nodiscard]] bool await_idle() const;

 private:
  void open(const std::vector<SinkPlan>& plans);

  FakeClock clock_;
  std::map<std::string, SinkRecord> records_;
  std::function<void()> on_cancel_;
  std::string directory_;  // of the store that cannot be written
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<state::DeliveryTable> table_;
  std::unique_ptr<daemon::Delivery> delivery_;
  std::vector<SinkPlan> plans_;
  const int storm_limit_;
  const core::Duration ticket_ttl_;
};

}  // namespace costdrift::tests
