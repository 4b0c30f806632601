#include "daemon/run_loop.h"

#include <algorithm>
#include <utility>

#include "core/kill_point.h"

namespace costdrift::daemon {

namespace {

constexpr std::size_t kBatch = 256;
constexpr std::size_t kBatchBytes = 1 << 20;
constexpr std::size_t kBacklog = 2 * kBatch;  // a turn that reads so many is not at the end of its log
constexpr int kCommitShare = 20;
constexpr std::chrono::seconds kLongestCommitWait{2};

LogHandler::Start start_of(const PartitionIntake& intake, std::size_t index) {
  using Begin = LogHandler::Start::Begin;
  const state::Position& position = intake.position();
  if (!intake.has_position()) return {.index = index};
  if (position.next_offset == state::Position::kEarliest) return {.index = index, .begin = Begin::earliest};
  if (position.next_offset == state::Position::kLatest) return {.index = index, .begin = Begin::latest};
  return {.index = index, .next_offset = position.next_offset, .repeat_last = position.fingerprint != 0};
}

std::string text_of(const TopicPartition& partition) {
  return "topic " + partition.topic + " partition " + std::to_string(partition.partition);
}

}  // namespace

OnLogChange parse_on_log_change(std::string_view name) {
  if (name == "earliest") return OnLogChange::earliest;
  return name == "latest" ? OnLogChange::latest : OnLogChange::stop;
}

RunLoop::RunLoop(Pipeline& pipeline, const core::Clock& clock, RunLoopOptions options, OnCommitted on_committed)
    : pipeline_(pipeline),
      clock_(clock),
      options_(options),
      on_committed_(std::move(on_committed)),
      began_(clock.monotonic_now()),
      began_wall_(clock.wall_now()),
      last_commit_(clock.monotonic_now()),
      filling_(std::make_unique<DecodedBatch>(options.span)) {}

core::Result<void> RunLoop::turn(LogSource& source, core::Duration timeout) {
  read_in_turn_ = 0;
  for (PartitionState& state : states_) state.end_confirmed = false;
  const auto polled = source.poll(timeout, *this);
  // Its leader may be away: what it holds is not known, and the wait for it to be idle begins anew.
  for (PartitionState& state : states_) state.caught_up = state.caught_up && state.end_confirmed;
  if (read_in_turn_ < kBacklog) count_everything();
  if (failed_) return *failed_;  // ours says more than the source's
  if (!polled) return polled;
  COSTDRIFT_KILL_POINT("turn.polled");
  pipeline_.advance();
  COSTDRIFT_KILL_POINT("turn.advanced");
  const auto wait = commit_wait(options_.commit_interval, commit_took_, pipeline_.has_outgoing());
  if (pipeline_.commit_is_urgent() || clock_.monotonic_now() - last_commit_ >= wait) return commit();
  return {};
}

core::MonotonicTime::duration RunLoop::commit_wait(core::Duration interval, core::MonotonicTime::duration took,
                                                   bool something_to_send) {
  const core::MonotonicTime::duration configured = std::chrono::microseconds(interval.us);
  if (something_to_send) return configured;
  return std::max(configured, std::min<core::MonotonicTime::duration>(kCommitShare * took, kLongestCommitWait));
}

core::Result<void> RunLoop::commit() {
  COSTDRIFT_KILL_POINT("commit.begun");
  last_commit_ = clock_.monotonic_now();
  auto outgoing = pipeline_.commit();
  if (!outgoing) return outgoing.error();
  commit_took_ = clock_.monotonic_now() - last_commit_;
  ++commits_;
  COSTDRIFT_KILL_POINT("commit.done");
  if (!outgoing->empty()) on_committed_(*std::move(outgoing));
  COSTDRIFT_KILL_POINT("commit.handed_over");
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
  if (states_.size() <= *index) states_.resize(*index + 1);
  uncounted_.resize(states_.size());
  left_out_.resize(states_.size(), core::EventTime::min());
  states_[*index] = {.assigned = true};
  pipeline_.set_idle(*index, false);
  COSTDRIFT_KILL_POINT("partition.assigned");
  return start_of(pipeline_.partition(*index), *index);
}

void RunLoop::on_revoked(std::size_t partition, bool lost) {
  // Of a lost partition the uncommitted batch would be counted here and again by its new owner: it may not be kept, but
  // neither can one partition be taken out of the overlay. The daemon ends and reopens .
  if (lost) {
    failed_ = core::fail(core::ErrorCode::try_again,
                         "consuming: the broker gave partition " +
                             std::to_string(pipeline_.partition(partition).partition().partition) +
                             " to another member while we were away; restarting from the last commit");
    return;
  }
  count_everything();
  states_[partition].assigned = false;
  pipeline_.set_idle(partition, true);
  if (auto committed = commit(); !committed) failed_ = committed.error();
}

// The machine's clock, but never behind what has passed since the loop began: a clock that is set back must not make
// the present look like the future.
core::WallTime RunLoop::now() const {
  const auto passed = std::chrono::duration_cast<std::chrono::microseconds>(clock_.monotonic_now() - began_);
  return std::max(clock_.wall_now(), core::WallTime{began_wall_.us + passed.count()});
}

void RunLoop::on_record(const LogRecord& read) {
  if (failed_) return;
  if (read_in_turn_ == 0) now_ = now();
  LogRecord record = read;
  // A producer's clock may be ahead. The broker's stamp holds, so that a machine whose own clock is behind judges
  // alike.
  if (!record.appended_at || record.stamped_by_producer) {
    record.appended_at = std::min(record.appended_at.value_or(now_), now_);
  }
  if (pipeline_.contradicts(record)) {
    return on_log_changed(record.partition,
                          text_of(pipeline_.partition(record.partition).partition()) +
                              " holds another record at offset " + std::to_string(record.offset) +
                              " than the one that was read there: the topic was deleted and made anew");
  }
  states_[record.partition].caught_up = false;
  ++read_in_turn_;
  ++uncounted_[record.partition];
  filling_->add(record, pipeline_.format(record.partition));
  if (filling_->size() < kBatch && filling_->bytes() < kBatchBytes) return;
  if (options_.decode_ahead == nullptr) return count_everything();
  options_.decode_ahead->submit(std::exchange(filling_, empty_batch()));
  while (options_.decode_ahead->in_flight() > options_.decode_ahead->enough()) count(options_.decode_ahead->take());
}

std::unique_ptr<DecodedBatch> RunLoop::empty_batch() {
  if (spare_.empty()) return std::make_unique<DecodedBatch>(options_.span);
  auto batch = std::move(spare_.back());
  spare_.pop_back();
  return batch;
}

void RunLoop::count(std::unique_ptr<DecodedBatch> batch) {
  pipeline_.process(*batch);
  COSTDRIFT_KILL_POINT("batch.counted");
  for (std::size_t i = 0; i < batch->size(); ++i) {
    --uncounted_[batch->partition_of(i)];
    note_left_out(batch->at(i));
  }
  batch->clear();
  spare_.push_back(std::move(batch));
}

// What lies before the span tells how far the partition is read; a time behind it may be a producer's mistake.
void RunLoop::note_left_out(const DecodedRecord& record) {
  if (record.wanted) return;
  core::EventTime& newest = left_out_[record.record.partition];
  for (const auto& event : record.events) {
    if (event.ts < options_.span.from) newest = std::max(newest, event.ts);
  }
}

void RunLoop::count_everything() {
  DecodeAhead* ahead = options_.decode_ahead;
  while (ahead != nullptr && ahead->in_flight() > 0) count(ahead->take());
  if (filling_->size() == 0) return;
  pipeline_.decode(*filling_);
  count(std::exchange(filling_, empty_batch()));
}

// A log cannot be changed under a batch that is half counted: what was read becomes durable with the new beginning, and
// the daemon starts over from there.
void RunLoop::on_log_changed(std::size_t partition, const std::string& what) {
  if (failed_) return;
  count_everything();
  if (options_.on_log_change == OnLogChange::stop) {
    failed_ = core::fail(core::ErrorCode::unavailable,
                         what +
                             ". To go on with the log as it is now, set kafka.on_log_change to earliest or latest, or "
                             "delete the state directory (state.path) to begin anew");
    return;
  }
  const bool earliest = options_.on_log_change == OnLogChange::earliest;
  pipeline_.begin_another_log(partition, earliest ? state::Position::kEarliest : state::Position::kLatest);
  if (auto committed = commit(); !committed) {
    failed_ = committed.error();
    return;
  }
  failed_ = core::fail(core::ErrorCode::try_again, what + "; kafka.on_log_change: restarting to read it from the " +
                                                       std::string(earliest ? "earliest" : "latest") + " record");
}

void RunLoop::on_caught_up(std::size_t partition) {
  if (read_in_turn_ < kBacklog) count_everything();
  if (uncounted_[partition] > 0) return;  // the source says it again
  PartitionState& state = states_[partition];
  state.end_confirmed = true;
  if (!state.caught_up) {
    state.caught_up = true;
    state.caught_up_since = clock_.monotonic_now();
  }
  const auto silent = clock_.monotonic_now() - state.caught_up_since;
  if (silent >= std::chrono::microseconds(options_.idle_timeout.us)) pipeline_.set_idle(partition, true);
}

core::EventTime RunLoop::newest_event(std::size_t partition) const {
  return std::max(pipeline_.partition(partition).position().newest, left_out_[partition]);
}

}  // namespace costdrift::daemon
