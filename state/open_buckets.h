// OpenBuckets: the buckets that the watermark has not passed, per bucket time and series.
//
// Series without a place in the dictionary wait under their text until their bucket closes, because who gets a free
// place must not depend on who came first. At most max_series (but not less than 10,000) wait per bucket time; beyond
// that those with the largest texts are folded into other(). When all places are taken, only those wait that may get
// one: they may turn out to be large (state/unplaced_spend.h), or a midnight that frees places lies before their
// bucket. All others count for other() at once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "state/accumulator.h"
#include "state/metric_names.h"
#include "state/series_dictionary.h"
#include "state/store.h"
#include "state/unplaced_spend.h"

namespace costdrift::state {

class OpenBuckets {
 public:
  struct Member {
    SeriesState* series = nullptr;
    std::unique_ptr<Accumulator> calls;
  };

  OpenBuckets(Store& store, SeriesDictionary& series, UnplacedSpend& unplaced, MetricNames& names,
              std::vector<core::MetricSpec> metrics, const WindowOptions& options);
  core::Result<void> load();

  void add(const core::UsageEvent& event, const LogPosition& position);

  // The earliest open bucket time.
  std::optional<core::EventTime> first() const;
  // Removes a bucket time, its rows included, and returns its members by series text; every member has a place.
  std::vector<Member> take(core::EventTime start);
  // Takes members back when they have been read, to use their memory again.
  void recycle(std::vector<Member> members);

  void save();
  std::int64_t size() const;  // accumulators
  const Accumulator::Shared& shared() const { return shared_; }

 private:
  struct Bucket {
    std::vector<std::uint32_t> place;  // series id -> place in members + 1; 0: none
    std::vector<Member> members;
    std::map<std::string, std::unique_ptr<Accumulator>, std::less<>> waiting;
  };

  Bucket& bucket_at(core::EventTime time);
  Accumulator& member(Bucket& bucket, SeriesState& series);
  bool may_get_place(std::uint64_t series_hash, core::EventTime start) const;
  Accumulator& without_place(Bucket& bucket, core::EventTime start, const core::UsageEvent& event);
  Accumulator& waiting(Bucket& bucket, core::EventTime start, const core::UsageEvent& event);
  SeriesState* place_of(const std::string& text, core::EventTime start);
  void join_rest(Bucket& bucket, core::EventTime start, const std::string& text, std::unique_ptr<Accumulator> calls);
  void join(Bucket& bucket, core::EventTime start, const std::string& text, SeriesState& series,
            std::unique_ptr<Accumulator> calls);
  void requeue_former(Bucket& bucket);
  void settle(Bucket& bucket, core::EventTime start);
  void save_row(core::EventTime start, const std::string& text, Accumulator& calls);
  std::vector<RunCalls> with_local_metrics(std::vector<RunCalls> runs, const std::vector<std::string>& names) const;
  std::unique_ptr<Accumulator> fresh();
  void renumber_attributes();

  Store& store_;
  SeriesDictionary& series_;
  UnplacedSpend& unplaced_;
  MetricNames& names_;
  std::vector<core::MetricSpec> metrics_;
  WindowOptions options_;
  std::unique_ptr<AttributeSets> attributes_ = std::make_unique<AttributeSets>();
  Accumulator::Shared shared_;
  std::map<core::EventTime, Bucket> buckets_;
  core::EventTime closing_ = core::EventTime::min();  // the bucket time that was taken last, in this process
  // The bucket of the last event: most events fall into the same one.
  core::EventTime last_start_ = core::EventTime::max();
  Bucket* last_ = nullptr;
  std::vector<std::unique_ptr<Accumulator>> spare_;
};

std::string open_row_key(core::EventTime start, std::string_view series_text);

}  // namespace costdrift::state
