// PipelineListener: what the pipeline decides besides alerts, for whoever asks why: replay's reports.
//
// Nothing of it has an effect on the pipeline, and without a listener none of it is computed.
// Threads  called on the stream thread, in the order in which things are decided.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/alert_event.h"
#include "core/closed_bucket.h"
#include "core/finding.h"
#include "daemon/decode/decode.h"
#include "daemon/log_source.h"
#include "detectors/detector.h"

namespace costdrift::state {
class Store;
}

namespace costdrift::daemon {

// Why a finding opened no incident.
enum class Withheld : std::uint8_t {
  immaterial,  // its effect may be below pages.min_effect
  echo,        // of an incident that has ended
  explained,   // incidents within the roll-up explain it
};
// Why a version of an incident was sent to nobody.
enum class Muted : std::uint8_t { silenced, snoozed };

// Where the judge of one detector stands after a bucket.
struct JudgeStanding {
  std::string_view detector;
  detectors::Standing standing;
};

class PipelineListener {
 public:
  virtual ~PipelineListener() = default;
  // Whether on_bucket() is called; asked for every bucket, so cheap.
  virtual bool wants_buckets() const { return false; }
  // A bucket of a series was judged.
  virtual void on_bucket(const core::SeriesKey& /*series*/, const core::ClosedBucket& /*bucket*/,
                         std::span<const JudgeStanding> /*standings*/) {}
  virtual void on_withheld(const core::Finding& /*finding*/, Withheld /*why*/) {}
  // Everything that was told so far is about to become durable; so does, with it or not at all, what is put into the
  // store now.
  virtual void on_commit(state::Store& /*store*/) {}
  virtual void on_muted(const core::AlertEvent& /*event*/, Muted /*why*/) {}
  // An event, or a record that holds none, that cannot be used; `detail` is one escaped line.
  virtual void on_rejected(const TopicPartition& /*partition*/, std::int64_t /*offset*/, RejectReason /*reason*/,
                           std::string_view /*detail*/) {}
};

}  // namespace costdrift::daemon
