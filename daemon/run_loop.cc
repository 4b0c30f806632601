#include "daemon/run_loop.h"

#include <algorithm>

namespace costdrift::daemon {

RunLoop::RunLoop(Pipeline& pipeline, const core::Clock& clock, RunLoopOptions options, OnCommitted on_committed)
    : pipeline_(pipeline),
      clock_(clock),
      options_(options),
      on_committed_(std::move(on_committed)),
      last_commit_(clock.monotonic_now()) {}

core::Result<void> RunLoop::turn(LogSource& source, core::Duration timeout) {
  if (auto polled = source.poll(timeout, *this); !polled) return polled;
  if (failed_) return *failed_;
  pipeline_.advance();
  const auto since_commit = clock_.monotonic_now() - last_commit_;
  if (since_commit >= std::chrono::microseconds(options_.commit_interval.us)) return commit();
  return {};
}

core::Result<void> RunLoop::commit() {
  last_commit_ = clock_.monotonic_now();
  auto outgoing = pipeline_.commit();
  if (!outgoing) return outgoing.error();
  ++commits_;
  if (!outgoing->empty()) on_committed_(*std::move(outgoing));
  return {};
}

bool RunLoop::anything_assigned() const {
  return std::any_of(states_.begin(), states_.end(), [](const PartitionState& state) { return state.assigned; });
}

LogHandler::Start RunLoop::on_assigned(const TopicPartition& partition) {
  const auto index = pipeline_.add_partition(partition);
  if (!index) {
    failed_ = index.error();
    return {};
  }
  if (states_.size() <= *index) {
    states_.resize(*index + 1);
    last_activity_.resize(*index + 1);
  }
  states_[*index] = {.assigned = true, .caught_up = false};
  last_activity_[*index] = clock_.monotonic_now();
  pipeline_.set_idle(*index, false);
  const PartitionIntake& intake = pipeline_.partition(*index);
  return {*index, intake.has_position() ? std::optional(intake.position().next_offset) : std::nullopt};
}

void RunLoop::on_revoked(std::size_t partition, bool lost) {
  // Of a lost partition the uncommitted batch would be counted here and again by its new owner: it may not be kept, but
  // neither can one partition be taken out of the overlay. The daemon ends and reopens (state/README.md "Lost").
  if (lost) {
    failed_ = core::fail(core::ErrorCode::try_again,
                         "consuming: the broker gave partition " +
                             std::to_string(pipeline_.partition(partition).partition().partition) +
                             " to another member while we were away; restarting from the last commit");
    return;
  }
  states_[partition].assigned = false;
  pipeline_.set_idle(partition, true);
  if (auto committed = commit(); !committed) failed_ = committed.error();
}

void RunLoop::on_record(const LogRecord& record) {
  states_[record.partition].caught_up = false;
  pipeline_.process(record);
}

void RunLoop::on_caught_up(std::size_t partition) {
  PartitionState& state = states_[partition];
  if (!state.caught_up) {
    state.caught_up = true;
    last_activity_[partition] = clock_.monotonic_now();
  }
  const auto silent = clock_.monotonic_now() - last_activity_[partition];
  if (silent >= std::chrono::microseconds(options_.idle_timeout.us)) pipeline_.set_idle(partition, true);
}

core::EventTime RunLoop::newest_event(std::size_t partition) const {
  return pipeline_.partition(partition).position().newest;
}

}  // namespace costdrift::daemon
