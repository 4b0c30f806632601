// Playback: publishes the workload to the broker, never further ahead of the daemon than the embedded broker keeps.
//
// Threads  one; reads the daemon's progress from its snapshots.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "daemon/app.h"
#include "daemon/demo/producer.h"
#include "daemon/demo/workload.h"

namespace costdrift::daemon::demo {

class Playback {
 public:
  // Everything outlives the playback. `daemon_failed` ends a wait for a daemon that is gone.
  Playback(Workload& workload, Producer& producer, const App& app, std::function<bool()> daemon_failed);

  // Publishes every event before `until`, calling `on_progress` now and then.
  core::Result<void> play_until(core::EventTime until, const std::function<void()>& on_progress);

  // Waits until the daemon has read everything and every message is delivered.
  core::Result<void> await_drained(core::Duration patience);

  std::int64_t published() const;
  std::int64_t consumed() const;

 private:
  core::Result<void> await_room();
  std::int64_t farthest_ahead() const;

  Workload& workload_;
  Producer& producer_;
  const App& app_;
  std::function<bool()> daemon_failed_;
  std::vector<EventBatch> batches_;
  std::vector<std::string_view> events_;  // scratch: those of one batch
  std::vector<std::int64_t> sent_;        // records by partition
};

}  // namespace costdrift::daemon::demo
