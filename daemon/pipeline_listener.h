// PipelineListener: what the pipeline decides besides alerts, for whoever asks why: replay's reports.
//
// Nothing of it has an effect on the pipeline, and without a listener none of it is computed.
// Threads  called on the stream thread, in the order in which things are decided.
#pragma once

#include <cstdint>
#include <string_view>

#include "daemon/decode.h"
#include "daemon/log_source.h"

namespace costdrift::daemon {

class PipelineListener {
 public:
  virtual ~PipelineListener() = default;
  // An event, or a record that holds none, that cannot be used; `detail` is one escaped line.
  virtual void on_rejected(const TopicPartition& /*partition*/, std::int64_t /*offset*/, RejectReason /*reason*/,
                           std::string_view /*detail*/) {}
};

}  // namespace costdrift::daemon
