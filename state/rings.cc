#include "state/rings.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/bytes.h"
#include "state/ordered_key.h"
#include "state/summary_codec.h"

namespace costdrift::state {
namespace {

using core::BucketSummary;
using core::EventTime;

// Beyond it, series are summed from their minutes: 10,000 sums are some 30 MB.
constexpr std::size_t kMostHourSums = 10'000;

constexpr core::Duration kMinute = core::minutes(1), kHour = core::hours(1), kDay = core::days(1);

// Seen from a time before the first closing there is no past; shifting EventTime::min() would overflow.
EventTime back_from(EventTime time, core::Duration width, core::Duration kept) {
  return time == EventTime::min() ? time : core::floor_to(time, width) - kept;
}

EventTime minute_of(const ClosedPage& page) { return core::floor_to(page.start, kMinute); }

EventTime ceil_to(EventTime time, core::Duration width) {
  const EventTime down = core::floor_to(time, width);
  return down == time ? time : down + width;
}

}  // namespace

RingLimits ring_limits(EventTime closed_until) {
  return {back_from(closed_until, kMinute, core::minutes(10)), back_from(closed_until, kHour, core::hours(26)),
          back_from(closed_until, kDay, kSeriesKept), back_from(closed_until, kDay, core::days(400))};
}

std::string ring_row_key(std::string_view series_text, EventTime start) {
  return OrderedKey().text(series_text).time(start).take();
}

std::string day_row_key(std::string_view series_text, EventTime start) {
  return OrderedKey().time(start).rest(series_text).take();
}

ClosedPage& Rings::push(ClosedPage page) { return pages_.emplace_back(std::move(page)); }

std::vector<ClosedMinute> Rings::roll_until(EventTime time) {
  std::vector<ClosedMinute> minutes;
  while (rolled_pages_ < pages_.size() && minute_of(pages_[rolled_pages_]) + kMinute <= time) {
    const EventTime minute = minute_of(pages_[rolled_pages_]);
    std::size_t last = rolled_pages_;
    while (last < pages_.size() && minute_of(pages_[last]) == minute) ++last;
    // What ended before this minute began is complete now: minutes are written in order.
    if (open_hour_ != EventTime::min() && open_hour_ + kHour <= minute) roll_hour(open_hour_);
    if (open_day_ != EventTime::min() && open_day_ + kDay <= minute) roll_day(open_day_);
    minutes.push_back(roll_minute(minute, rolled_pages_, last));
    rolled_pages_ = last;
    open_hour_ = core::floor_to(minute, kHour);
    open_day_ = core::floor_to(minute, kDay);
  }
  if (open_hour_ != EventTime::min() && open_hour_ + kHour <= time) roll_hour(open_hour_);
  if (open_day_ != EventTime::min() && open_day_ + kDay <= time) roll_day(open_day_);
  return minutes;
}

ClosedMinute Rings::roll_minute(EventTime minute, std::size_t first, std::size_t last) {
  std::map<std::uint32_t, BucketSummary> by_series;
  RollUp roll_up(roll_ups_);
  for (std::size_t i = first; i < last; ++i) {
    for (const ClosedPage::Entry& entry : pages_[i].entries) {
      by_series[entry.series->id].merge(entry.summary);
      roll_up.add_bucket(entry.summary);
    }
  }
  ClosedMinute closed{.start = minute, .series = {}, .roll_ups = {}};
  for (auto& [id, summary] : by_series) {
    if (summary.empty()) continue;
    write_minute(minute, series_.at(id), summary);
    roll_up.add_minute(series_.at(id), summary);
    closed.series.push_back({&series_.at(id), std::move(summary)});
  }
  std::sort(closed.series.begin(), closed.series.end(),
            [](const auto& a, const auto& b) { return a.series->key.text() < b.series->key.text(); });
  closed.roll_ups = roll_up.take(series_);
  for (const ClosedMinute::Entry& entry : closed.roll_ups) {
    write_minute(minute, *entry.series, entry.summary);
    series_.touch(*entry.series, core::floor_to(minute, kDay));
  }
  return closed;
}

void Rings::write_minute(EventTime minute, SeriesState& series, const BucketSummary& summary) {
  store_.put(KeySpace::minutes, ring_row_key(series.key.text(), minute), encode_ring_row(summary, names_));
  add_to_hour(series, summary);
  series.newest_minute = minute;
  series.oldest_minute = std::min(series.oldest_minute, minute);
}

void Rings::add_to_hour(const SeriesState& series, const BucketSummary& minute) {
  const auto known = hour_sums_.find(series.id);
  if (known != hour_sums_.end())
    known->second.merge(minute);
  else if (hour_sums_.size() < kMostHourSums)
    hour_sums_.emplace(series.id, minute);
}

BucketSummary Rings::take_hour(const SeriesState& series, EventTime hour) {
  const auto kept = hour_sums_.find(series.id);
  if (hour >= sums_from_ && kept != hour_sums_.end()) return std::move(kept->second);
  return sum_rows(KeySpace::minutes, series.key.text(), hour, hour + kHour);
}

void Rings::roll_hour(EventTime hour) {
  open_hour_ = EventTime::min();
  for (const auto& series : series_.all()) {
    if (series->newest_minute < hour) continue;
    const BucketSummary summary = take_hour(*series, hour);
    // After a restart the newest minute is unknown; no later one than this hour's can have been written.
    series->newest_minute = std::min(series->newest_minute, hour + kHour - kMinute);
    if (summary.empty()) continue;
    store_.put(KeySpace::hours, ring_row_key(series->key.text(), hour), encode_ring_row(summary, names_));
    series->newest_hour = hour;
    series->oldest_hour = std::min(series->oldest_hour, hour);
  }
  hour_sums_.clear();
  hours_until_ = hour + kHour;
}

void Rings::roll_day(EventTime day) {
  open_day_ = EventTime::min();
  for (const auto& series : series_.all()) {
    if (series->newest_hour < day) continue;
    const BucketSummary summary = sum_rows(KeySpace::hours, series->key.text(), day, day + kDay);
    series->newest_hour = std::min(series->newest_hour, day + kDay - kHour);
    if (summary.empty()) continue;
    store_.put(KeySpace::days, day_row_key(series->key.text(), day), encode_ring_row(summary, names_));
  }
}

void Rings::add_row(KeySpace space, std::string_view key, std::string_view value, BucketSummary& sum) const {
  const auto summary = decode_ring_row(value, names_);
  if (summary)
    sum.merge(*summary);
  else
    store_.report_unreadable(space, key);
}

BucketSummary Rings::sum_rows(KeySpace space, const std::string& series_text, EventTime from, EventTime to) const {
  BucketSummary sum;
  store_.scan(space, ring_row_key(series_text, from), ring_row_key(series_text, to),
              [&](std::string_view key, std::string_view value) {
                add_row(space, key, value, sum);
                return true;
              });
  return sum;
}

// A whole hour has one row with the sum of its minutes.
BucketSummary Rings::sum_minutes(const std::string& series_text, EventTime from, EventTime to) const {
  const EventTime first = ceil_to(from, kHour), last = std::min(core::floor_to(to, kHour), hours_until_);
  if (first >= last) return sum_rows(KeySpace::minutes, series_text, from, to);
  BucketSummary sum = sum_rows(KeySpace::hours, series_text, first, last);
  if (from < first) sum.merge(sum_rows(KeySpace::minutes, series_text, from, first));
  if (last < to) sum.merge(sum_rows(KeySpace::minutes, series_text, last, to));
  return sum;
}

BucketSummary Rings::sum_days(const std::string& series_text, EventTime from, EventTime to) const {
  BucketSummary sum;
  for (EventTime day = ceil_to(from, kDay); day < to; day = day + kDay) {
    const std::string key = day_row_key(series_text, day);
    if (const auto row = store_.get(KeySpace::days, key)) add_row(KeySpace::days, key, *row, sum);
  }
  return sum;
}

BucketSummary Rings::sum_pages(const std::string& series_text, EventTime from, EventTime to) const {
  BucketSummary sum;
  const auto before = [](const ClosedPage& page, EventTime time) { return page.start < time; };
  const auto less = [](const ClosedPage::Entry& entry, const std::string& text) {
    return entry.series->key.text() < text;
  };
  for (auto page = std::lower_bound(pages_.begin(), pages_.end(), from, before);
       page != pages_.end() && page->start < to; ++page) {
    const auto entry = std::lower_bound(page->entries.begin(), page->entries.end(), series_text, less);
    if (entry != page->entries.end() && entry->series->key.text() == series_text) sum.merge(entry->summary);
  }
  return sum;
}

BucketSummary Rings::sum(const std::string& series_text, EventTime from, EventTime to, EventTime closed_until) const {
  BucketSummary sum;
  if (closed_until == EventTime::min()) return sum;
  const RingLimits limits = ring_limits(closed_until);
  // Every row counts whose start lies in [from, to): neighbouring sums add up, whatever rings they reach into.
  const auto part = [&](EventTime ring_from, EventTime ring_to, auto read) {
    const EventTime first = std::max(from, ring_from), last = std::min(to, ring_to);
    if (first < last) sum.merge(read(first, last));
  };
  part(limits.days, limits.hours, [&](EventTime a, EventTime b) { return sum_days(series_text, a, b); });
  part(limits.hours, limits.minutes,
       [&](EventTime a, EventTime b) { return sum_rows(KeySpace::hours, series_text, a, b); });
  // Roll-ups have no buckets: their minutes answer for the newest time too.
  const bool rolled_up = core::SeriesKey::from_text(series_text).kind() != core::SeriesKind::app_model;
  part(limits.minutes, rolled_up ? closed_until : limits.buckets,
       [&](EventTime a, EventTime b) { return sum_minutes(series_text, a, b); });
  if (!rolled_up)
    part(limits.buckets, closed_until, [&](EventTime a, EventTime b) { return sum_pages(series_text, a, b); });
  sum.runs.clear();
  return sum;
}

}  // namespace costdrift::state
