// ApiSnapshot: what the HTTP threads may know, published whole by the stream thread every quarter of a second.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/alert_event.h"
#include "core/time.h"
#include "daemon/answers/declared_changes.h"
#include "daemon/answers/silences.h"
#include "daemon/dead_letters/dead_letters.h"
#include "daemon/delivery/delivery.h"
#include "daemon/log_source.h"
#include "state/tables.h"

namespace costdrift::daemon {

struct PartitionStatus {
  TopicPartition partition;
  std::int64_t next_offset = 0;
  core::EventTime newest = core::EventTime::min();
  bool caught_up = false, idle = false;
  state::Accounting accounting;
};

struct ApiSnapshot {
  std::string version;  // of the program, "0.1.0"
  bool ready = false;
  std::string not_ready_because;
  std::vector<std::string> problems;  // degraded, still working: one sentence each
  std::vector<PartitionStatus> partitions;
  core::EventTime watermark = core::EventTime::min();
  std::int64_t series = 0, open_buckets = 0, judges = 0;
  std::int64_t lag = 0;
  std::int64_t commits = 0;
  std::int64_t unpriced_events = 0;
  double reported_usd = 0, computed_usd = 0;
  std::int64_t input_tokens = 0, output_tokens = 0;
  // Newest version of open and recently resolved incidents, newest first; shared while nothing about them changes.
  std::shared_ptr<const std::vector<core::AlertEvent>> incidents =
      std::make_shared<const std::vector<core::AlertEvent>>();
  std::set<std::string> untold;        // IncidentBook::untold()
  std::int64_t incident_changes = -1;  // IncidentBook::changes() when they were copied
  // The same of what would be told with the shadow detectors on; null when there are none.
  std::shared_ptr<const std::vector<core::AlertEvent>> shadow;
  std::set<std::string> shadow_untold;
  std::int64_t shadow_changes = -1;
  std::vector<std::string> shadow_detectors;
  std::vector<SinkStatistics> sinks;
  std::vector<Silence> silences;
  // The latest to take effect first; shared while nothing about them changes.
  std::shared_ptr<const std::vector<Declaration>> changes = std::make_shared<const std::vector<Declaration>>();
  std::int64_t change_edits = -1;  // DeclaredChanges::edits() when they were copied
  DeadLetterStatistics dead_letters;
};

// Threads: publish() from one thread, get() from any.
class SnapshotBoard {
 public:
  void publish(std::shared_ptr<const ApiSnapshot> snapshot) {
    const std::lock_guard lock(mutex_);
    snapshot_ = std::move(snapshot);
  }
  std::shared_ptr<const ApiSnapshot> get() const {
    const std::lock_guard lock(mutex_);
    return snapshot_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const ApiSnapshot> snapshot_ = std::make_shared<ApiSnapshot>();
};

}  // namespace costdrift::daemon
