// ClosedBucket and SeriesHistory: what judgement sees of the past. Closed means that the watermark has passed its end
// and the summary will not change.
#pragma once

#include <span>

#include "core/bucket_summary.h"
#include "core/time.h"

namespace costdrift::core {

// What one (app, model) series has in a roll-up's minute.
struct SeriesPart {
  const SeriesKey* series = nullptr;
  const BucketSummary* summary = nullptr;
};

// One closed bucket of one series; everything is borrowed for the call. Buckets of (app, model) series are as long as
// time.bucket; roll-ups close minute by minute, and their `parts` are the (app, model) series that they sum, in order
// of text (none for teams and providers, whose calls are a share of a series).
struct ClosedBucket {
  EventTime start, end;
  const BucketSummary* summary = nullptr;
  std::span<const SeriesPart> parts = {};
};

// The closed past of one series. Reads are exact at bucket resolution for the last ten minutes, at minute resolution
// for the last day, at hour resolution before that; `from` is rounded up to the resolution it falls into. Roll-ups have
// minutes instead of buckets.
class SeriesHistory {
 public:
  virtual ~SeriesHistory() = default;
  virtual BucketSummary sum(EventTime from, EventTime to) const = 0;
};

}  // namespace costdrift::core
