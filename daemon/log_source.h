// LogSource: where records come from: Kafka when live, files in replay, a script in tests.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "core/time.h"

namespace costdrift::daemon {

struct TopicPartition {
  std::string topic;
  std::int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

// One record; `value` is borrowed for the call. `partition` is the index the pipeline gave to the partition.
struct LogRecord {
  std::size_t partition = 0;
  std::int64_t offset = 0;
  std::string_view value;
  std::optional<core::WallTime> appended_at;  // when the broker, or the producer's library, stamped it
  bool stamped_by_producer = false;
  // Key, headers and stamp as the log holds them (encode_original(), daemon/dead_letters/dead_letter.h); borrowed too.
  // Empty: the source was not asked to keep them.
  std::string_view original = {};
};

// What a source reports; implemented by the run loop around the pipeline.
class LogHandler {
 public:
  virtual ~LogHandler() = default;
  // The partition is ours from now on. Returns its index and where to start; nullopt offset: no stored position.
  struct Start {
    std::size_t index = 0;
    std::optional<std::int64_t> next_offset;
    // Deliver the record before next_offset first, if the log still holds it, so that it can be compared with the one
    // that was read (log fingerprint). Retention may have deleted it: then the first record is next_offset or later.
    bool repeat_last = false;
    // Where to begin without next_offset: where the configuration says, or where the log's change left us.
    enum class Begin : std::uint8_t { as_configured, earliest, latest };
    Begin begin = Begin::as_configured;
  };
  virtual Start on_assigned(const TopicPartition& partition) = 0;
  // Ours no more. Everything processed must be durable when this returns, unless `lost`.
  virtual void on_revoked(std::size_t partition, bool lost) = 0;
  virtual void on_record(const LogRecord& record) = 0;
  // The partition does not hold what was read or was next to read (cut, made anew, retention). `what` is one sentence.
  // The handler decides what becomes of it; the source hands over nothing more and its poll() fails.
  virtual void on_log_changed(std::size_t partition, const std::string& what) = 0;
  // The consumer has read everything the log holds now; repeated on every poll while that is so.
  virtual void on_caught_up(std::size_t partition) = 0;
  // The newest event time of the partition, by which the source keeps partitions in step.
  virtual core::EventTime newest_event(std::size_t partition) const = 0;
};

class LogSource {
 public:
  virtual ~LogSource() = default;
  // Hands over what is there (at most a few thousand records) or waits up to `timeout` for something. An error is
  // final; what is only temporary (broker away) is not an error but shows in health().
  virtual core::Result<void> poll(core::Duration timeout, LogHandler& handler) = 0;

  struct Health {
    bool connected = false;
    std::string problem;   // one sentence for a person; empty when fine
    std::int64_t lag = 0;  // records behind the end of the log, where known
  };
  virtual Health health() const = 0;

  // Leaves groups and closes, within a few seconds whatever the broker does.
  virtual void close(LogHandler& handler) = 0;
};

}  // namespace costdrift::daemon
