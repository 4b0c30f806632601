// ClosedBucket and SeriesHistory: what judgement sees of the past. Closed means that the watermark has passed its end
// and the summary will not change.
#pragma once

#include <map>
#include <span>
#include <string>

#include "core/bucket_summary.h"
#include "core/time.h"

namespace costdrift::core {

// What one (app, model) series has in a roll-up's minute.
struct SeriesPart {
  const SeriesKey* series = nullptr;
  const BucketSummary* summary = nullptr;
};

// Why an event counts for no bucket. Stored: do not renumber.
enum class DroppedEvent : std::uint8_t {
  duplicate = 0,  // its event_id was seen before
  late = 1,       // its bucket was closed
  future = 2,     // its time lies in the future: it counts as late at the broker's time
};

// Calls that came too late for their bucket, of one (app, model) series and one minute of event time.
struct LateCalls {
  EventTime minute;  // in which they took place
  const SeriesKey* series = nullptr;
  const BucketSummary* summary = nullptr;
};

// Events of one (app, model) series that count for no bucket.
struct DroppedCalls {
  const SeriesKey* series = nullptr;
  DroppedEvent why = DroppedEvent::late;
  std::int64_t calls = 0;
};

// One closed bucket of one series; everything is borrowed for the call. Buckets of (app, model) series are as long as
// time.bucket; roll-ups close minute by minute, and their `parts` are the (app, model) series that they sum, in order
// of text (none for teams and providers, whose calls are a share of a series). `late` and `dropped`, of the roll-up of
// everything, are what was noticed since the minute before; none of it is in `summary`.
struct ClosedBucket {
  EventTime start, end;
  const BucketSummary* summary = nullptr;
  std::span<const SeriesPart> parts = {};
  std::span<const LateCalls> late = {};
  std::span<const DroppedCalls> dropped = {};
};

// The closed past of one series. Reads are exact at bucket resolution for the last ten minutes, at minute resolution
// for the last day, at hour resolution before that; `from` is rounded up to the resolution it falls into. Roll-ups have
// minutes instead of buckets.
class SeriesHistory {
 public:
  virtual ~SeriesHistory() = default;
  virtual BucketSummary sum(EventTime from, EventTime to) const = 0;
  // Of the roll-ups of everything and of a team: what their calls amount to by application. Empty of other series, and
  // where there are more than 500 applications: nobody would read it, and each is read from disk.
  virtual std::map<std::string, AttributeTotals> by_app(EventTime /*from*/, EventTime /*to*/) const { return {}; }
};

}  // namespace costdrift::core
