// Workload: the demo's traffic: days of history, then one working day with the incidents of the script in it.
//
// Eight applications over six models call 12 to 20 times a second at the height of a weekday, with a daily and weekly
// pattern, bursts, log-normal tokens, retries, cache reads, agent runs, and a heavy tail where nothing is wrong.
// Deterministic: the same options and incidents give the same bytes on every run.
//
// Order    by event time within each partition (and over all). Calls of one agent run share a partition.
// Threads  one.
// Speed    about two million events a second on one core; an event has about 400 bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.h"
#include "daemon/demo/app_traffic.h"
#include "daemon/demo/event_writer.h"
#include "daemon/demo/incident_script.h"

namespace costdrift::daemon::demo {

// Events for one partition, back to back; event i is bytes[ends[i-1], ends[i]).
struct EventBatch {
  std::string bytes;
  std::vector<std::uint32_t> ends;

  std::size_t size() const { return ends.size(); }
  std::string_view event(std::size_t i) const {
    const std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
    return {bytes.data() + begin, ends[i] - begin};
  }
  void clear() {
    bytes.clear();
    ends.clear();
  }
};

struct WorkloadOptions {
  core::EventTime start = {1'772'409'600'000'000};  // Monday 2026-03-02T00:00:00Z
  int history_days = 3;
  int partitions = 4;
  std::uint64_t seed = 1;
  double volume = 1;  // multiplies the number of calls; money scales with it
};

class Workload {
 public:
  Workload(const WorkloadOptions& options, std::vector<Incident> incidents);
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  // Appends every event before `until` that was not given yet to the batch of its partition. `batches` has one place
  // per partition; a batch must stay below 4 GiB. Small steps (a minute of event time) let the caller hold back.
  void generate_until(core::EventTime until, std::span<EventBatch> batches);

  core::EventTime start() const { return options_.start; }
  // Midnight of the working day: history lies before it.
  core::EventTime day_start() const { return options_.start + core::days(options_.history_days); }
  core::EventTime end() const { return day_start() + core::days(1); }
  // Every event before this was given.
  core::EventTime now() const { return now_; }
  bool finished() const { return now_ >= end(); }
  std::int64_t events() const { return static_cast<std::int64_t>(events_); }

  // In the order of the script; `extra` is final once the incident is over.
  std::span<const PlayedIncident> incidents() const { return incidents_; }

 private:
  WorkloadOptions options_;
  std::vector<PlayedIncident> incidents_;  // never grows: the applications hold pointers into it
  std::vector<AppTraffic> apps_;
  std::vector<core::EventTime> next_;  // by application
  EventWriter writer_;
  core::EventTime now_;
  std::uint64_t events_ = 0;
};

}  // namespace costdrift::daemon::demo
