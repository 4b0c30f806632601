// Rings: the closed past of every series, coarser with age: buckets for the last ten minutes (in memory and in
// KeySpace::buckets), then minutes, hours and days (on disk only).
//
// Operation  push() takes the closed summaries of one bucket time. roll_until() writes the minutes, hours and days that
//            have passed: a minute from its buckets, an hour from its minutes, a day from its hours, so that a restart
//            in between changes nothing. Roll-ups are made with the minute and have no buckets. expire() erases what is
//            older than the limits below.
// Keeps      buckets 10 min, minutes 26 h, hours 35 d, days 400 d before the last closed bucket, rounded to the next
//            coarser interval.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/bucket_summary.h"
#include "state/metric_names.h"
#include "state/roll_up.h"
#include "state/series_dictionary.h"
#include "state/store.h"

namespace costdrift::state {

// Every series that has something in one bucket time, by series text.
struct ClosedPage {
  struct Entry {
    SeriesState* series = nullptr;
    core::BucketSummary summary;
  };
  core::EventTime start;
  std::vector<Entry> entries;
  bool saved = false;
};

// The part of the past that each ring answers for, seen from the end of the last closed bucket: every time from
// `buckets` on by buckets, from `minutes` to `buckets` by minutes, and so on. Nothing is kept before `days`.
struct RingLimits {
  core::EventTime buckets, minutes, hours, days;
};
RingLimits ring_limits(core::EventTime closed_until);

class Rings {
 public:
  Rings(Store& store, SeriesDictionary& series, MetricNames& names, core::SeriesKinds roll_ups)
      : store_(store), series_(series), names_(names), roll_ups_(roll_ups) {}
  core::Result<void> load(core::EventTime closed_until);

  // Pages come in order of time. The reference is good until the next call of expire().
  ClosedPage& push(ClosedPage page);
  // Writes every minute, hour and day that ends at or before `time`; all buckets before it have been pushed. Returns
  // the minutes.
  std::vector<ClosedMinute> roll_until(core::EventTime time);
  void expire(core::EventTime closed_until);
  // Late calls of one series join a minute of the past that has left the ring of buckets, in every ring that holds it
  // and in the roll-ups.
  void join(core::EventTime minute, SeriesState& series, const core::BucketSummary& calls);
  void save();

  core::BucketSummary sum(const std::string& series_text, core::EventTime from, core::EventTime to,
                          core::EventTime closed_until) const;

 private:
  ClosedMinute roll_minute(core::EventTime minute, std::size_t first, std::size_t last);
  void join_one(core::EventTime minute, SeriesState& series, const core::BucketSummary& calls);
  void merge_row(KeySpace space, const std::string& key, core::BucketSummary calls);
  void add_to_hour(const SeriesState& series, const core::BucketSummary& minute);
  core::BucketSummary take_hour(const SeriesState& series, core::EventTime hour);
  void write_minute(core::EventTime minute, SeriesState& series, const core::BucketSummary& summary);
  core::BucketSummary sum_pages(const std::string& series_text, core::EventTime from, core::EventTime to) const;
  void roll_hour(core::EventTime hour);
  void roll_day(core::EventTime day);
  core::BucketSummary sum_rows(KeySpace space, const std::string& series_text, core::EventTime from,
                               core::EventTime to) const;
  core::BucketSummary sum_minutes(const std::string& series_text, core::EventTime from, core::EventTime to) const;
  core::BucketSummary sum_days(const std::string& series_text, core::EventTime from, core::EventTime to) const;
  void add_row(KeySpace space, std::string_view key, std::string_view value, core::BucketSummary& sum) const;
  void erase_rows(KeySpace space, const std::string& series_text, core::EventTime from, core::EventTime to);
  void erase_range(KeySpace space, const std::string& from, const std::string& to);
  void expire_minutes(core::EventTime limit);
  void expire_hours(core::EventTime limit);
  void save_page(ClosedPage& page);

  Store& store_;
  SeriesDictionary& series_;
  MetricNames& names_;
  const core::SeriesKinds roll_ups_;
  std::deque<ClosedPage> pages_;
  std::size_t rolled_pages_ = 0;  // of pages_, how many are in a minute row already
  core::EventTime open_hour_ = core::EventTime::min(), open_day_ = core::EventTime::min();
  // Every hour before it that has minutes has its row.
  core::EventTime hours_until_ = core::EventTime::min();
  // By series id, what the open hour has so far, of the first series in it. After a restart the hour's earlier minutes
  // are missing until the next hour begins.
  std::map<std::uint32_t, core::BucketSummary> hour_sums_;
  core::EventTime sums_from_ = core::EventTime::min();  // the first hour whose sums are whole
  RingLimits expired_{core::EventTime::min(), core::EventTime::min(), core::EventTime::min(), core::EventTime::min()};
};

// Keys and values of the rows (state/FORMAT.md), for the dump.
std::string ring_row_key(std::string_view series_text, core::EventTime start);  // minutes and hours
std::string day_row_key(std::string_view series_text, core::EventTime start);
// Calls visit(series text, summary) for every entry of a row of KeySpace::buckets; false: not a known version.
bool decode_bucket_row(std::string_view bytes, const MetricNames& names,
                       const std::function<void(std::string series_text, core::BucketSummary summary)>& visit);

}  // namespace costdrift::state
