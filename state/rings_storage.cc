// What of the rings is read, written and erased in the store.
#include <algorithm>

#include "core/bytes.h"
#include "state/ordered_key.h"
#include "state/rings.h"
#include "state/summary_codec.h"

namespace costdrift::state {
namespace {

using core::EventTime;

constexpr std::uint64_t kRingsVersion = 2;
// Series per row of KeySpace::buckets: few rows a bucket time, none of them large.
constexpr std::size_t kEntriesPerRow = 256;

std::string bucket_row_key(EventTime start, std::uint32_t part) { return OrderedKey().time(start).u32(part).take(); }

}  // namespace

bool decode_bucket_row(std::string_view bytes, const MetricNames& names,
                       const std::function<void(std::string series_text, core::BucketSummary summary)>& visit) {
  core::ByteReader in(bytes);
  if (in.u64() != kRingsVersion) return false;
  for (std::size_t left = in.count(20); left > 0; --left) {
    std::string text = in.text();
    core::BucketSummary summary;
    if (!decode_summary(in, summary, names) || in.failed()) return false;
    visit(std::move(text), std::move(summary));
  }
  return in.finished();
}

core::Result<void> Rings::load(EventTime closed_until) {
  store_.scan(KeySpace::buckets, {}, {}, [&](std::string_view key, std::string_view value) {
    const EventTime start = OrderedKeyReader(key).time();
    if (pages_.empty() || pages_.back().start != start)
      pages_.push_back({.start = start, .entries = {}, .saved = true});
    bool known_series = true;
    const bool readable = decode_bucket_row(value, names_, [&](std::string text, core::BucketSummary summary) {
      SeriesState* series = series_.find(text);
      known_series = known_series && series;
      if (series) pages_.back().entries.push_back({series, std::move(summary)});
    });
    if (!readable || !known_series) store_.report_unreadable(KeySpace::buckets, key);
    return readable;
  });
  if (store_.failed()) return core::fail(core::ErrorCode::io, store_.failure());
  if (closed_until == EventTime::min()) return {};
  // Every minute, hour and day that ended by then has been written before the state was saved.
  const EventTime open_minute = core::floor_to(closed_until, core::minutes(1));
  while (rolled_pages_ < pages_.size() && pages_[rolled_pages_].start < open_minute) ++rolled_pages_;
  open_hour_ = core::floor_to(closed_until, core::hours(1));
  open_day_ = core::floor_to(closed_until, core::days(1));
  hours_until_ = open_hour_;
  sums_from_ = closed_until == open_hour_ ? open_hour_ : open_hour_ + core::hours(1);
  return {};
}

void Rings::save() {
  for (auto page = pages_.rbegin(); page != pages_.rend() && !page->saved; ++page) save_page(*page);
}

void Rings::save_page(ClosedPage& page) {
  page.saved = true;
  for (std::size_t first = 0; first < page.entries.size(); first += kEntriesPerRow) {
    const std::size_t last = std::min(first + kEntriesPerRow, page.entries.size());
    core::ByteWriter out;
    out.u64(kRingsVersion);
    out.u64(last - first);
    for (std::size_t i = first; i < last; ++i) {
      out.text(page.entries[i].series->key.text());
      encode_summary(out, page.entries[i].summary, names_);
    }
    const auto part = static_cast<std::uint32_t>(first / kEntriesPerRow);
    store_.put(KeySpace::buckets, bucket_row_key(page.start, part), out.take());
  }
}

void Rings::expire(EventTime closed_until) {
  const RingLimits limits = ring_limits(closed_until);
  while (!pages_.empty() && pages_.front().start < limits.buckets) {
    const ClosedPage& page = pages_.front();
    for (std::size_t first = 0; page.saved && first < page.entries.size(); first += kEntriesPerRow)
      store_.erase(KeySpace::buckets, bucket_row_key(page.start, static_cast<std::uint32_t>(first / kEntriesPerRow)));
    pages_.pop_front();
    --rolled_pages_;
  }
  if (limits.minutes != expired_.minutes) expire_minutes(limits.minutes);
  if (limits.hours != expired_.hours) expire_hours(limits.hours);
  if (limits.days != expired_.days) erase_range(KeySpace::days, {}, day_row_key({}, limits.days));
  expired_ = limits;
}

void Rings::join(EventTime minute, SeriesState& series, const core::BucketSummary& calls) {
  RollUp roll_up(roll_ups_);
  roll_up.add_bucket(calls);
  roll_up.add_minute(series, calls);
  join_one(minute, series, calls);
  for (const ClosedMinute::Entry& entry : roll_up.take(series_)) {
    join_one(minute, *entry.series, entry.summary);
    // A roll-up that had no call in time must have its place after a restart too.
    series_.touch(*entry.series, core::floor_to(minute, core::days(1)));
  }
}

// Of the open hour and day only the minutes are written; the sums of later rings are made from them.
void Rings::join_one(EventTime minute, SeriesState& series, const core::BucketSummary& calls) {
  const std::string& text = series.key.text();
  if (minute >= expired_.minutes) {
    merge_row(KeySpace::minutes, ring_row_key(text, minute), calls);
    series.oldest_minute = std::min(series.oldest_minute, minute);
    series.newest_minute = std::max(series.newest_minute, minute);
  }
  const EventTime hour = core::floor_to(minute, core::hours(1)), day = core::floor_to(minute, core::days(1));
  if (hour == open_hour_) return add_to_hour(series, calls);
  if (hour >= expired_.hours) {
    merge_row(KeySpace::hours, ring_row_key(text, hour), calls);
    series.oldest_hour = std::min(series.oldest_hour, hour);
    series.newest_hour = std::max(series.newest_hour, hour);
  }
  if (day != open_day_ && day >= expired_.days) merge_row(KeySpace::days, day_row_key(text, day), calls);
}

void Rings::merge_row(KeySpace space, const std::string& key, core::BucketSummary calls) {
  if (const auto row = store_.get(space, key)) add_row(space, key, *row, calls);
  store_.put(space, key, encode_ring_row(calls, names_));
}

void Rings::expire_minutes(EventTime limit) {
  for (const auto& series : series_.all()) {
    if (series->oldest_minute >= limit) continue;
    erase_rows(KeySpace::minutes, series->key.text(), series->oldest_minute, limit);
    series->oldest_minute = series->newest_minute < limit ? EventTime::max() : limit;
  }
}

void Rings::expire_hours(EventTime limit) {
  for (const auto& series : series_.all()) {
    if (series->oldest_hour >= limit) continue;
    erase_rows(KeySpace::hours, series->key.text(), series->oldest_hour, limit);
    series->oldest_hour = series->newest_hour < limit ? EventTime::max() : limit;
  }
}

void Rings::erase_rows(KeySpace space, const std::string& series_text, EventTime from, EventTime to) {
  erase_range(space, ring_row_key(series_text, from), ring_row_key(series_text, to));
}

void Rings::erase_range(KeySpace space, const std::string& from, const std::string& to) {
  std::vector<std::string> expired;
  store_.scan(space, from, to, [&](std::string_view key, std::string_view) {
    expired.emplace_back(key);
    return true;
  });
  for (const std::string& key : expired) store_.erase(space, key);
}

}  // namespace costdrift::state
