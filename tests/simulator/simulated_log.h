// SimulatedLog: a broker in one thread: hands over records in random portions from random partitions, goes away for a
// while, takes partitions back and gives them again. Everything is drawn from the seed.
#pragma once

#include <string>
#include <vector>

#include "daemon/log_source.h"
#include "tests/support/random.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {

struct LogFaults {
  int max_records = 400;     // handed over by one poll
  double away = 0;           // chance that a poll finds no broker
  double revoke = 0;         // chance that a poll takes one partition back and gives it again
  double skip_record = 0;    // a seeded bug: a record is never handed over
  double repeat_record = 0;  // a seeded bug: a record is handed over again as if it were the next one
};

class SimulatedLog final : public daemon::LogSource {
 public:
  // Both outlive the log.
  SimulatedLog(const TrafficLog& traffic, Random& random, LogFaults faults);

  core::Result<void> poll(core::Duration timeout, daemon::LogHandler& handler) override;
  Health health() const override { return {.connected = true, .problem = {}, .lag = lag()}; }
  void close(daemon::LogHandler&) override {}

  std::int64_t lag() const;
  void stop_faults() { faults_.away = faults_.revoke = faults_.skip_record = faults_.repeat_record = 0; }

 private:
  struct Cursor {
    bool assigned = false;
    std::size_t index = 0;  // the pipeline's
    std::int64_t next = 0;
  };
  void assign(std::size_t partition, daemon::LogHandler& handler);
  void hand_over(std::size_t partition, daemon::LogHandler& handler);

  const TrafficLog& traffic_;
  Random& random_;
  LogFaults faults_;
  std::vector<Cursor> cursors_;
};

}  // namespace costdrift::tests
