// Windows: events -> bucket summaries per series -> rings of buckets, minutes, hours and days.
//
// Operation  add() counts an event in the open bucket of its series. When the watermark passes the end of a bucket,
//            close_until() resolves what depends on agent runs, hands the finished summary to the caller in canonical
//            order (bucket time, then series text), and folds it into minute, hour and day. save() puts every changed
//            row into the store; nothing is durable before Store::commit().
// Order      the result depends on the set of events only, not on the order of add() calls between two closings.
// Threads    the stream thread.
// Memory     open buckets, the closed buckets of the last ten minutes and the series dictionary; the rest is on disk.
//            Beyond max_series, events of new series count for app "__other__", model "__other__"; totals stay exact.
//            Places are given when a bucket closes, in order of text, and taken back after 35 days without a call. Who
//            comes later and has 1 % of the spend gets one of a hundred more (state/unplaced_spend.h).
// Roll-ups   the sums by app, model, team, provider and of everything close minute by minute, once the minute's buckets
//            have, and are handed over in order of text like any series (state/roll_up.h). A minute that ends with a
//            bucket is handed over after that bucket's series, any other before the next bucket's.
// Rows       a closed summary holds its runs during the callback only; what is kept and summed later has none.
// Gaps       bucket times without events are not closed; a run that fell silent shows in the first bucket time that
//            ends at or after its deadline, also when no series has a call there.
// Limits     an event older than the last closed bucket must not be added (intake calls it late): that is a bug.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/closed_bucket.h"
#include "core/metric.h"
#include "core/usage_event.h"
#include "state/store.h"

namespace costdrift::state {

// Where an event was read.
struct LogPosition {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

struct WindowOptions {
  core::Duration bucket = core::seconds(5);
  core::Duration run_timeout = core::minutes(30);
  std::int64_t max_series = 200'000;
  // The roll-ups that are kept and handed over; app_model is always there.
  core::SeriesKinds roll_ups = {core::SeriesKind::app, core::SeriesKind::model, core::SeriesKind::team,
                                core::SeriesKind::provider, core::SeriesKind::all};
};

// What the series with a place are, to see what there is too much of.
struct SeriesCensus {
  std::int64_t apps = 0, models = 0;    // different values
  std::vector<core::SeriesKey> newest;  // three at most, the newest first; after a restart the last by text
};

class Windows {
 public:
  // The metrics are observed for every event; names must be unique. The store outlives the object.
  Windows(Store& store, std::vector<core::MetricSpec> metrics, WindowOptions options);
  ~Windows();

  // Reads open buckets, recent closed buckets and open runs back after a restart.
  core::Result<void> load();

  void add(const core::UsageEvent& event, const LogPosition& position);

  // An event that is too late for its bucket, or was in the future and has the time at which the broker got it. The
  // ledger and the lateness count of its day change; the roll-up of everything is told of it (core::ClosedBucket) with
  // the minute of `noticed`, the newest event that its partition has shown (one that is closed already counts as now);
  // and it joins the past when it is more than ten minutes old: histories then hold it, but nothing is judged again.
  void add_late(const core::UsageEvent& event, core::DroppedEvent why, core::EventTime noticed);
  // An event that was seen before: only the roll-up of everything is told of it.
  void add_duplicate(const core::UsageEvent& event, core::EventTime noticed);

  using OnClosed = std::function<void(const core::SeriesKey& series, const core::ClosedBucket& bucket)>;
  // Closes every bucket whose end is <= watermark. `after_bucket(end)` is called once after the last series of each
  // bucket time, so that deadlines fire between buckets. Roll-ups go to on_closed too, with their minute.
  void close_until(core::EventTime watermark, const OnClosed& on_closed,
                   const std::function<void(core::EventTime end)>& after_bucket);

  // The end of the last bucket time that was closed; EventTime::min() when none was.
  core::EventTime closed_until() const;

  // The closed past of one series, for judgement and messages. Borrowed from this object.
  std::unique_ptr<core::SeriesHistory> history(const core::SeriesKey& series) const;

  // Puts changed rows into the store's overlay, and erases expired ones.
  void save();

  std::int64_t series_count() const;
  SeriesCensus series_census() const;
  std::int64_t open_bucket_count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::state
