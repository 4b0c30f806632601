// RunLoop: pumps a LogSource into the Pipeline: assignment, idleness, advance, commit. Shared by daemon and replay.
//
// Commits  every commit_interval, and at that pace whenever there is something to send. Without that, a commit that
// took
//          long is followed by a longer wait: twenty times what it took, at most two seconds, so that commits take a
//          twentieth of the time when a backlog is read.
// Backlog  with decode_ahead, a turn that read many records leaves some of them with the decoding threads; a turn that
//          read few leaves none, so nothing ever waits for more to come.
// Future   a stamp of the broker is believed; one of a producer, or none, counts as now at the latest, so that what is
//          ahead of the machine's clock is judged by when it is read. How far events may lie beyond is for intake to
//          say.
// Threads  one thread (the stream thread).
#pragma once

#include <functional>
#include <vector>

#include "core/clock.h"
#include "daemon/decode/decode_ahead.h"
#include "daemon/log_source.h"
#include "daemon/pipeline.h"

namespace costdrift::daemon {

// What to do when a partition is not the log that was read.
enum class OnLogChange : std::uint8_t { stop, earliest, latest };
OnLogChange parse_on_log_change(std::string_view name);

struct RunLoopOptions {
  core::Duration commit_interval = core::milliseconds(250);
  // How long a partition is caught up without a break before it is idle; 0: at once.
  core::Duration idle_timeout = core::seconds(60);
  OnLogChange on_log_change = OnLogChange::stop;
  DecodeAhead* decode_ahead = nullptr;  // null: records are decoded on this thread
  EventSpan span;                       // records without an event in it are left out (DecodedRecord::wanted)
};

class RunLoop final : public LogHandler {
 public:
  using OnCommitted = std::function<void(std::vector<Outgoing>)>;
  // Everything outlives the loop. `on_committed` gets what each commit allows to be sent.
  RunLoop(Pipeline& pipeline, const core::Clock& clock, RunLoopOptions options, OnCommitted on_committed);

  // One turn: poll for up to `timeout`, close what is due, commit when it is time.
  core::Result<void> turn(LogSource& source, core::Duration timeout);
  core::Result<void> commit();

  // What the source reported about a partition, for status pages.
  struct PartitionState {
    bool assigned = false;
    bool caught_up = false;
    bool end_confirmed = false;  // in the turn under way
    core::MonotonicTime caught_up_since;
  };
  const std::vector<PartitionState>& partitions() const { return states_; }
  std::int64_t commits() const { return commits_; }
  bool anything_assigned() const;
  // How long to wait from the beginning of one commit to the next, when the last one took `took`.
  static core::MonotonicTime::duration commit_wait(core::Duration interval, core::MonotonicTime::duration took,
                                                   bool something_to_send);

  Start on_assigned(const TopicPartition& partition) override;
  void on_revoked(std::size_t partition, bool lost) override;
  void on_record(const LogRecord& read) override;
  void on_log_changed(std::size_t partition, const std::string& what) override;
  void on_caught_up(std::size_t partition) override;
  core::EventTime newest_event(std::size_t partition) const override;

 private:
  std::unique_ptr<DecodedBatch> empty_batch();
  void count(std::unique_ptr<DecodedBatch> batch);
  void note_left_out(const DecodedRecord& record);
  void count_everything();
  core::WallTime now() const;

  Pipeline& pipeline_;
  const core::Clock& clock_;
  RunLoopOptions options_;
  OnCommitted on_committed_;
  const core::MonotonicTime began_;
  const core::WallTime began_wall_;
  core::WallTime now_;  // of the turn under way
  std::vector<PartitionState> states_;
  core::MonotonicTime last_commit_;
  core::MonotonicTime::duration commit_took_{};
  std::optional<core::Error> failed_;  // an error inside a callback, reported by the turn
  std::int64_t commits_ = 0;
  std::unique_ptr<DecodedBatch> filling_;
  std::vector<std::unique_ptr<DecodedBatch>> spare_;
  std::vector<std::size_t> uncounted_;     // by partition: records read and not processed
  std::vector<core::EventTime> left_out_;  // by partition: the newest event before the span
  std::size_t read_in_turn_ = 0;
};

}  // namespace costdrift::daemon
