#include "daemon/demo/playback.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "daemon/demo/demo_setup.h"

namespace costdrift::daemon::demo {
namespace {

// The embedded broker keeps about 5 MiB of lz4 batches per partition: some 50,000 of these events.
constexpr std::int64_t kMaxAhead = 24'000;
constexpr auto kLookAgain = std::chrono::milliseconds(2);
constexpr auto kPatience = std::chrono::seconds(60);

// The snapshot of the daemon is all that may be known of it from outside: it is looked at until the condition holds.
template <class Condition>
bool await(Condition condition, std::chrono::steady_clock::duration patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(kLookAgain);
  }
  return true;
}

}  // namespace

Playback::Playback(Workload& workload, Producer& producer, const App& app, std::function<bool()> daemon_failed)
    : workload_(workload),
      producer_(producer),
      app_(app),
      daemon_failed_(std::move(daemon_failed)),
      batches_(kDemoPartitions),
      sent_(kDemoPartitions, 0) {}

core::Result<void> Playback::play_until(core::EventTime until, const std::function<void()>& on_progress) {
  while (workload_.now() < until) {
    const core::EventTime step = std::min(until, workload_.now() + core::minutes(10));
    for (auto& batch : batches_) batch.clear();
    workload_.generate_until(step, batches_);
    for (std::size_t p = 0; p < batches_.size(); ++p) {
      events_.clear();
      for (std::size_t i = 0; i < batches_[p].size(); ++i) events_.push_back(batches_[p].event(i));
      if (auto sent = producer_.send_all(static_cast<std::int32_t>(p), events_); !sent) return sent;
      sent_[p] += static_cast<std::int64_t>(batches_[p].size());
    }
    if (auto room = await_room(); !room) return room;
    on_progress();
  }
  return producer_.flush(core::seconds(30));
}

std::int64_t Playback::farthest_ahead() const {
  const auto snapshot = app_.snapshot();
  std::vector<std::int64_t> read(sent_.size(), 0);
  for (const auto& partition : snapshot->partitions) {
    const auto p = static_cast<std::size_t>(partition.partition.partition);
    if (p < read.size()) read[p] = partition.next_offset;
  }
  std::int64_t farthest = 0;
  for (std::size_t p = 0; p < sent_.size(); ++p) farthest = std::max(farthest, sent_[p] - read[p]);
  return farthest;
}

core::Result<void> Playback::await_room() {
  const bool room = await([&] { return daemon_failed_() || farthest_ahead() <= kMaxAhead; }, kPatience);
  if (room && !daemon_failed_()) return {};
  return core::fail(core::ErrorCode::unavailable, "playing the demo: the daemon does not read on; see its log above");
}

core::Result<void> Playback::await_drained(core::Duration patience) {
  const auto drained = [&] {
    if (daemon_failed_()) return true;
    const auto snapshot = app_.snapshot();
    const bool idle =
        !snapshot->partitions.empty() && std::all_of(snapshot->partitions.begin(), snapshot->partitions.end(),
                                                     [](const PartitionStatus& partition) { return partition.idle; });
    const bool delivered = std::all_of(snapshot->sinks.begin(), snapshot->sinks.end(),
                                       [](const SinkStatistics& sink) { return sink.pending == 0; });
    return idle && delivered && farthest_ahead() == 0;
  };
  if (await(drained, std::chrono::microseconds(patience.us)) && !daemon_failed_()) return {};
  return core::fail(
      core::ErrorCode::unavailable,
      "finishing the demo: the daemon has not read and delivered everything in " + core::format_duration(patience));
}

std::int64_t Playback::published() const {
  std::int64_t sum = 0;
  for (const std::int64_t records : sent_) sum += records;
  return sum;
}

std::int64_t Playback::consumed() const {
  std::int64_t sum = 0;
  for (const auto& partition : app_.snapshot()->partitions) sum += partition.accounting.consumed;
  return sum;
}

}  // namespace costdrift::daemon::demo
