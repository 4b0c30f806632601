// ClosedBucket and SeriesHistory: what judgement sees of the past. Closed means that the watermark has passed its end
// and the summary will not change.
#pragma once

#include "core/bucket_summary.h"
#include "core/time.h"

namespace costdrift::core {

// One closed bucket of one series; `summary` is borrowed for the call.
struct ClosedBucket {
  EventTime start, end;
  const BucketSummary* summary = nullptr;
};

// The closed past of one series. Reads are exact at bucket resolution for the last ten minutes, at minute resolution
// for the last day, at hour resolution before that; `from` is rounded up to the resolution it falls into.
class SeriesHistory {
 public:
  virtual ~SeriesHistory() = default;
  virtual BucketSummary sum(EventTime from, EventTime to) const = 0;
};

}  // namespace costdrift::core
