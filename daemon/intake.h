// Intake: what happens to one decoded and priced event before it counts: de-duplication, lateness, accounting.
//
// Every event ends in exactly one of accepted, dead-lettered, duplicate, late, so that
//   consumed == accepted + dead-lettered + duplicate + late
// holds per partition at all times. Lateness is judged by the partition's own watermark, so it does not depend on how
// fast other partitions are read.
// Threads  the stream thread.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "config/settings.h"
#include "daemon/dead_letters/dead_letters.h"
#include "daemon/decode/decoded_batch.h"
#include "daemon/log_source.h"
#include "daemon/pipeline_listener.h"
#include "state/tables.h"
#include "state/windows.h"

namespace costdrift::daemon {

// Sums over all partitions since the start of the process, for metrics.
struct IntakeTotals {
  std::int64_t unpriced = 0;
  core::NanoUsd reported, computed;
  std::int64_t input_tokens = 0, output_tokens = 0;
};

// One partition: its position and memory of event ids.
class PartitionIntake final {
 public:
  // All references outlive the object.
  PartitionIntake(TopicPartition partition, const config::TimeSettings& time, state::Store& store,
                  state::Windows& windows, IntakeTotals& totals);
  // Who hears of rejections; nullptr: nobody. Outlives the object.
  void listen(PipelineListener* listener) { listener_ = listener; }
  // Who keeps records with rejected events; nullptr: nobody. Outlives the object.
  void keep_rejected(DeadLetters* letters) { dead_letters_ = letters; }
  // Reads position and event ids back.
  core::Result<void> load();

  const TopicPartition& partition() const { return partition_; }
  const state::Position& position() const { return position_; }
  bool has_position() const { return has_position_; }

  // Whether the record shows that this is another log than the one that was read: it stands where the last record
  // stood, and differs.
  bool contradicts(const LogRecord& record) const {
    return position_.fingerprint != 0 && record.offset == position_.next_offset - 1 && differs(record);
  }
  // The log is another one: from now on it is read from `begin` (state::Position::kEarliest or kLatest).
  void begin_another_log(std::int64_t begin);

  // Counts one record. A record before the next offset was read before and is ignored.
  void process(const DecodedRecord& record);

  // The newest event time less the allowed disorder; EventTime::min() before the first event.
  core::EventTime watermark() const;

  // Puts position and event ids into the store.
  void save();

 private:
  bool differs(const LogRecord& record) const;
  bool in_the_future(const core::UsageEvent& event, const LogRecord& record) const;
  bool too_late(core::EventTime ts) const;
  void count(const core::UsageEvent& event, const LogRecord& record);
  void count_rejected(RejectReason reason);
  bool is_new(const core::UsageEvent& event);
  void count_late(const core::UsageEvent& event, core::DroppedEvent why);
  void accept(const core::UsageEvent& event, const LogRecord& record);

  TopicPartition partition_;
  const config::TimeSettings& time_;
  state::PositionTable positions_;
  state::DedupTable dedup_;
  state::Windows& windows_;
  IntakeTotals& totals_;
  state::Position position_;
  bool has_position_ = false;
  bool dirty_ = false;
  PipelineListener* listener_ = nullptr;
  DeadLetters* dead_letters_ = nullptr;
};

}  // namespace costdrift::daemon
