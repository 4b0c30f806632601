#include "state/open_buckets.h"

#include <algorithm>
#include <utility>

#include "state/ordered_key.h"
#include "state/summary_codec.h"

namespace costdrift::state {
namespace {

constexpr std::size_t kMostAttributeSets = 65'536;
constexpr std::size_t kMostSpare = 16'384;
constexpr std::int64_t kFewWaiting = 10'000;

}  // namespace

std::string open_row_key(core::EventTime start, std::string_view series_text) {
  return OrderedKey().time(start).rest(series_text).take();
}

OpenBuckets::OpenBuckets(Store& store, SeriesDictionary& series, UnplacedSpend& unplaced, MetricNames& names,
                         std::vector<core::MetricSpec> metrics, const WindowOptions& options)
    : store_(store),
      series_(series),
      unplaced_(unplaced),
      names_(names),
      metrics_(std::move(metrics)),
      options_(options) {
  shared_.metrics = metrics_;
  shared_.attributes = attributes_.get();
  for (std::size_t i = 0; i < metrics_.size(); ++i)
    if (metrics_[i].observe_call) shared_.call_metrics.push_back(static_cast<MetricIndex>(i));
  for (std::size_t i = 0; i < metrics_.size(); ++i) shared_.by_name.push_back(static_cast<MetricIndex>(i));
  std::sort(shared_.by_name.begin(), shared_.by_name.end(),
            [this](MetricIndex a, MetricIndex b) { return metrics_[a].name < metrics_[b].name; });
}

core::Result<void> OpenBuckets::load() {
  store_.scan(KeySpace::open_buckets, {}, {}, [&](std::string_view key, std::string_view value) {
    OrderedKeyReader parts(key);
    const core::EventTime start = parts.time();
    auto row = decode_open_row(value, names_);
    if (!row || parts.failed()) {
      store_.report_unreadable(KeySpace::open_buckets, key);
      return false;
    }
    Bucket& bucket = buckets_[start];
    auto calls = fresh();
    calls->restore(shared_, row->summary, with_local_metrics(std::move(row->runs), row->metrics));
    calls->saved = true;
    const std::string text(parts.rest());
    if (SeriesState* known = series_.find(text))
      join(bucket, start, text, *known, std::move(calls));
    else
      bucket.waiting[text] = std::move(calls);
    return true;
  });
  if (store_.failed()) return core::fail(core::ErrorCode::io, store_.failure());
  return {};
}

// Metrics that no detector wants any more are dropped.
std::vector<RunCalls> OpenBuckets::with_local_metrics(std::vector<RunCalls> runs,
                                                      const std::vector<std::string>& names) const {
  std::vector<std::optional<MetricIndex>> local(names.size());
  for (std::size_t number = 0; number < names.size(); ++number)
    for (std::size_t i = 0; i < metrics_.size(); ++i)
      if (metrics_[i].name == names[number]) local[number] = static_cast<MetricIndex>(i);
  for (RunCalls& run : runs) {
    std::erase_if(run.pending, [&](const PendingObservation& seen) { return !local[seen.metric]; });
    for (PendingObservation& seen : run.pending) seen.metric = *local[seen.metric];
  }
  return runs;
}

void OpenBuckets::add(const core::UsageEvent& event, const LogPosition& position) {
  Bucket& bucket = bucket_at(event.ts);
  SeriesState* series = series_.find(event.app, event.model);
  Accumulator& calls = series ? member(bucket, *series) : without_place(bucket, last_start_, event);
  calls.add(shared_, event, position);
}

OpenBuckets::Bucket& OpenBuckets::bucket_at(core::EventTime time) {
  if (last_ && time >= last_start_ && time < last_start_ + options_.bucket) return *last_;
  last_start_ = core::floor_to(time, options_.bucket);
  last_ = &buckets_[last_start_];
  return *last_;
}

Accumulator& OpenBuckets::member(Bucket& bucket, SeriesState& series) {
  if (series.id >= bucket.place.size()) bucket.place.resize(std::max<std::size_t>(series_.all().size(), series.id + 1));
  std::uint32_t& place = bucket.place[series.id];
  if (place == 0) {
    bucket.members.push_back({&series, fresh()});
    place = static_cast<std::uint32_t>(bucket.members.size());
  }
  return *bucket.members[place - 1].calls;
}

// False: when the bucket at `start` is closed, there will be no place for the series.
bool OpenBuckets::may_get_place(std::uint64_t series_hash, core::EventTime start) const {
  if (!series_.full()) return true;
  const core::EventTime day = core::floor_to(start, core::days(1));
  const bool midnight_between = closing_ < day;
  return (midnight_between && series_.would_free_before(day - kSeriesKept)) ||
         unplaced_.may_become_large(series_hash, start);
}

Accumulator& OpenBuckets::without_place(Bucket& bucket, core::EventTime start, const core::UsageEvent& event) {
  const std::uint64_t hash = series_hash(event.app, event.model);
  if (may_get_place(hash, start)) return waiting(bucket, start, event);
  unplaced_.add(start, hash, event.cost);
  return member(bucket, series_.other());
}

Accumulator& OpenBuckets::waiting(Bucket& bucket, core::EventTime start, const core::UsageEvent& event) {
  const core::SeriesKey key = series_of(event.app, event.model);
  if (const auto found = bucket.waiting.find(key.text()); found != bucket.waiting.end()) return *found->second;
  if (std::ssize(bucket.waiting) >= std::max(options_.max_series, kFewWaiting)) {
    const auto largest = std::prev(bucket.waiting.end());
    if (key.text() > largest->first) {
      unplaced_.add(start, series_hash(event.app, event.model), event.cost);
      return member(bucket, series_.other());
    }
    join_rest(bucket, start, largest->first, std::move(largest->second));
    bucket.waiting.erase(largest);
  }
  return *bucket.waiting.emplace(key.text(), fresh()).first->second;
}

void OpenBuckets::join_rest(Bucket& bucket, core::EventTime start, const std::string& text,
                            std::unique_ptr<Accumulator> calls) {
  unplaced_.add(start, series_hash(core::SeriesKey::from_text(text)), calls->cost());
  join(bucket, start, text, series_.other(), std::move(calls));
}

// Moves what was kept under `text` to a series that has a place: its own, or other().
void OpenBuckets::join(Bucket& bucket, core::EventTime start, const std::string& text, SeriesState& series,
                       std::unique_ptr<Accumulator> calls) {
  const bool own = series.key.text() == text;
  if (!own && calls->saved) store_.erase(KeySpace::open_buckets, open_row_key(start, text));
  Accumulator& target = member(bucket, series);
  if (target.empty() && !target.saved && own) {
    std::swap(*calls, target);
  } else {
    target.merge(shared_, *calls);
    target.saved = target.saved || (own && calls->saved);
  }
  calls->clear();
  spare_.push_back(std::move(calls));
}

std::optional<core::EventTime> OpenBuckets::first() const {
  if (buckets_.empty()) return std::nullopt;
  return buckets_.begin()->first;
}

// Who lost the place meanwhile queues up again.
void OpenBuckets::requeue_former(Bucket& bucket) {
  const auto is_former = [](const Member& member) { return !member.series->admitted; };
  if (std::none_of(bucket.members.begin(), bucket.members.end(), is_former)) return;
  for (Member& member : bucket.members) {
    if (!is_former(member)) continue;
    auto& queued = bucket.waiting[member.series->key.text()];
    if (queued) {
      member.calls->merge(shared_, *queued);
      member.calls->saved = member.calls->saved || queued->saved;
    }
    queued = std::move(member.calls);
  }
  std::erase_if(bucket.members, is_former);
  std::fill(bucket.place.begin(), bucket.place.end(), 0);
  for (std::size_t i = 0; i < bucket.members.size(); ++i)
    bucket.place[bucket.members[i].series->id] = static_cast<std::uint32_t>(i + 1);
}

// nullptr: it has none and gets none.
SeriesState* OpenBuckets::place_of(const std::string& text, core::EventTime start) {
  if (SeriesState* known = series_.find(text)) return known;
  if (SeriesState* admitted = series_.admit(text)) return admitted;
  const bool large = unplaced_.is_large(series_hash(core::SeriesKey::from_text(text)), start);
  return large ? series_.admit_spender(text) : nullptr;
}

// Who waits gets its place, in order of text.
void OpenBuckets::settle(Bucket& bucket, core::EventTime start) {
  requeue_former(bucket);
  for (auto& [text, calls] : bucket.waiting) {
    if (SeriesState* series = place_of(text, start))
      join(bucket, start, text, *series, std::move(calls));
    else
      join_rest(bucket, start, text, std::move(calls));
  }
  bucket.waiting.clear();
}

std::vector<OpenBuckets::Member> OpenBuckets::take(core::EventTime start) {
  closing_ = start;
  const auto found = buckets_.find(start);
  if (found == buckets_.end()) return {};
  settle(found->second, start);
  std::vector<Member> members = std::move(found->second.members);
  buckets_.erase(found);
  if (last_start_ == start) last_ = nullptr;
  for (const Member& member : members)
    if (member.calls->saved) store_.erase(KeySpace::open_buckets, open_row_key(start, member.series->key.text()));
  std::sort(members.begin(), members.end(),
            [](const Member& a, const Member& b) { return a.series->key.text() < b.series->key.text(); });
  return members;
}

void OpenBuckets::recycle(std::vector<Member> members) {
  for (Member& member : members) {
    if (spare_.size() >= kMostSpare) break;
    member.calls->clear();
    spare_.push_back(std::move(member.calls));
  }
  if (attributes_->size() > kMostAttributeSets) renumber_attributes();
}

std::unique_ptr<Accumulator> OpenBuckets::fresh() {
  if (spare_.empty()) return std::make_unique<Accumulator>();
  auto calls = std::move(spare_.back());
  spare_.pop_back();
  return calls;
}

// Forgets the tuples that no open bucket refers to.
void OpenBuckets::renumber_attributes() {
  auto kept = std::make_unique<AttributeSets>();
  const auto renumber = [&](std::uint32_t number) { return kept->intern(attributes_->at(number)); };
  for (auto& [start, bucket] : buckets_) {
    for (Member& member : bucket.members) member.calls->renumber_attributes(renumber);
    for (auto& [text, calls] : bucket.waiting) calls->renumber_attributes(renumber);
  }
  attributes_ = std::move(kept);
  shared_.attributes = attributes_.get();
}

void OpenBuckets::save() {
  for (auto& [start, bucket] : buckets_) {
    for (auto waiting = bucket.waiting.begin(); waiting != bucket.waiting.end();) {
      // A series that got its place by an earlier bucket has one row, not two.
      if (SeriesState* known = series_.find(waiting->first)) {
        join(bucket, start, waiting->first, *known, std::move(waiting->second));
        waiting = bucket.waiting.erase(waiting);
        continue;
      }
      save_row(start, waiting->first, *waiting->second);
      ++waiting;
    }
    for (Member& member : bucket.members) save_row(start, member.series->key.text(), *member.calls);
  }
}

void OpenBuckets::save_row(core::EventTime start, const std::string& text, Accumulator& calls) {
  if (!calls.changed) return;
  OpenRow row{calls.summary(shared_), calls.sorted_runs(), {}};
  for (const core::MetricSpec& metric : metrics_) row.metrics.emplace_back(metric.name);
  store_.put(KeySpace::open_buckets, open_row_key(start, text), encode_open_row(row, names_));
  calls.changed = false;
  calls.saved = true;
}

std::int64_t OpenBuckets::size() const {
  std::size_t total = 0;
  for (const auto& [start, bucket] : buckets_) total += bucket.members.size() + bucket.waiting.size();
  return static_cast<std::int64_t>(total);
}

}  // namespace costdrift::state
