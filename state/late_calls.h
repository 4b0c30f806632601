// LateBook: events that count for no bucket, and what becomes of them.
//
// Calls that came too late for their bucket are handed to the roll-up of everything with its next minute, so that what
// must be exact (budgets) counts them, and join the past (state/rings.h) once their minute has left the ring of
// buckets, so that what is estimated anew sees them. Of every dropped event, late or not, the number is handed over.
//
// Order    an event is handed over with the minute in which it was noticed, a time of the events themselves, so that
//          neither the order of partitions nor restarts show.
// Memory   one summary per series and minute of event time that late calls belong to (quarter of an hour, when they are
//          more than 28 hours late), until it is handed over and ten minutes old; one number per series and reason
//          until it is handed over. Without such events, nothing.
// Threads  the stream thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/closed_bucket.h"
#include "state/metric_names.h"
#include "state/store.h"

namespace costdrift::state {

// What was noticed since the minute before: late calls by minute and series, dropped events by series and reason.
struct LateMinute {
  struct Calls {
    core::EventTime minute;
    core::SeriesKey series;
    core::BucketSummary summary;
  };
  struct Dropped {
    core::SeriesKey series;
    core::DroppedEvent why = core::DroppedEvent::late;
    std::int64_t calls = 0;
  };
  std::vector<Calls> calls;
  std::vector<Dropped> dropped;
};

class LateBook {
 public:
  LateBook(Store& store, MetricNames& names) : store_(store), names_(names) {}
  core::Result<void> load();

  // Calls of `ts` and `series`. Their samples and runs are forgotten.
  void add(core::EventTime noticed, core::EventTime ts, const core::SeriesKey& series, core::BucketSummary summary);
  void count(core::EventTime noticed, const core::SeriesKey& series, core::DroppedEvent why);

  // What was noticed before `end`, once.
  LateMinute hand_over(core::EventTime end);
  // What was handed over and took place before `limit`, once.
  std::vector<LateMinute::Calls> take_before(core::EventTime limit);

  // Puts what changed into the store.
  void save();

 private:
  struct CallsKey {
    core::EventTime noticed, minute;
    core::SeriesKey series;
    auto operator<=>(const CallsKey&) const = default;
  };
  struct DroppedKey {
    core::EventTime noticed;
    core::SeriesKey series;
    core::DroppedEvent why;
    auto operator<=>(const DroppedKey&) const = default;
  };
  void merge(const CallsKey& key, const core::BucketSummary& summary);
  bool load_row(std::string_view key, std::string_view value);

  Store& store_;
  MetricNames& names_;
  std::map<CallsKey, core::BucketSummary> calls_;
  std::map<DroppedKey, std::int64_t> dropped_;
  std::set<CallsKey> changed_calls_;      // since save(), those that are gone too
  std::set<DroppedKey> changed_dropped_;  // the same
};

// Rows of KeySpace::meta: late calls by (when they were noticed, their minute, series), dropped events by (when,
// reason, series). Calls that were handed over have kHandedOver in place of the time.
inline constexpr std::string_view kLateRowPrefix{"late\0", 5}, kDroppedRowPrefix{"dropped\0", 8};
inline constexpr core::EventTime kHandedOver = core::EventTime::max();

// As a detector sees them; both borrow from `minute`.
std::vector<core::LateCalls> late_calls(const LateMinute& minute);
std::vector<core::DroppedCalls> dropped_calls(const LateMinute& minute);

}  // namespace costdrift::state
