// SharedLog: one reading of a log for several pipelines, so that standard input and a topic can be compared too.
//
// Operation  fill() polls the source and copies what comes; then each pipeline's run loop takes its turn with a view of
//            the copy, which may change records on the way (RecordEdit). The pipelines see the same records in the same
//            order, so each does what it would do alone.
// Threads    fill() on one thread; views may be polled on different threads while nobody fills.
// Memory     what one fill() reads: a few thousand records.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "daemon/log_source.h"

namespace costdrift::replay {

// Hands a record on, changed or not, to `next`. The offset must stay; several events go into one record as a JSON
// array.
using RecordEdit = std::function<void(const daemon::LogRecord& record, daemon::LogHandler& next)>;

class SharedLog {
 public:
  // The source outlives the object. Partitions are numbered in the order in which they are assigned, as a pipeline that
  // begins without state numbers them.
  explicit SharedLog(daemon::LogSource& source) : source_(source) {}

  // Replaces the copy. `newest_event` tells how far the pipelines have read a partition.
  core::Result<void> fill(core::Duration timeout, const std::function<core::EventTime(std::size_t)>& newest_event);

  // A source of what the last fill() read; the log outlives it. `edit` may be empty.
  std::unique_ptr<daemon::LogSource> view(RecordEdit edit) const;

 private:
  struct Item {
    std::size_t partition = 0;
    std::int64_t offset = 0;
    std::size_t begin = 0, size = 0;  // of bytes_
    std::optional<core::WallTime> appended_at;
    bool caught_up = false;  // no record: the partition was read to its end
  };
  class Collector;
  class View;
  daemon::LogSource& source_;
  std::vector<daemon::TopicPartition> partitions_;
  std::vector<Item> items_;
  std::string bytes_;
  std::optional<core::Error> failed_;
};

}  // namespace costdrift::replay
