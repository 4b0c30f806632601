#include "state/windows.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/bytes.h"
#include "state/late_calls.h"
#include "state/ledger.h"
#include "state/metric_names.h"
#include "state/open_buckets.h"
#include "state/ring_history.h"
#include "state/rings.h"
#include "state/run_table.h"
#include "state/series_dictionary.h"
#include "state/summary_builder.h"
#include "state/unplaced_spend.h"
#include "state/windows_row.h"

namespace costdrift::state {
namespace {

using core::EventTime;

constexpr core::Duration kWholeDay = core::days(1);

}  // namespace

struct Windows::Impl {
  Impl(Store& the_store, std::vector<core::MetricSpec> metrics, const WindowOptions& the_options)
      : store(the_store),
        options(the_options),
        names(store),
        series(store, options.max_series),
        unplaced(store),
        open(store, series, unplaced, names, std::move(metrics), options),
        runs(store, options.run_timeout),
        rings(store, series, names, options.roll_ups),
        ledger(store),
        late(store, names) {}

  core::Result<void> load_row();
  std::optional<EventTime> next_bucket() const;
  ClosedPage finish_bucket(EventTime start);
  void add_silent_runs(EventTime end, ClosedPage& page);
  void close(EventTime start, const OnClosed& on_closed);
  void roll_until(EventTime time, const OnClosed& on_closed);
  void close_whole(const ClosedMinute::Entry& entry, core::ClosedBucket bucket, const OnClosed& on_closed);
  void join_late(EventTime end);
  const core::SeriesKey& place_of(const core::SeriesKey& own);
  void expire();
  void save_row();

  Store& store;
  WindowOptions options;
  MetricNames names;
  SeriesDictionary series;
  UnplacedSpend unplaced;
  OpenBuckets open;
  RunTable runs;
  Rings rings;
  RecentSums recent_sums;
  Ledger ledger;
  LateBook late;
  EventTime closed_until = EventTime::min();
  EventTime saved_until = EventTime::min();
  bool row_saved = false;
  EventTime expired_day = EventTime::min();
};

core::Result<void> Windows::Impl::load_row() {
  const auto bytes = store.get(KeySpace::meta, kWindowsKey);
  if (store.failed()) return core::fail(core::ErrorCode::io, store.failure());
  if (!bytes) return {};
  const auto row = decode_windows_row(*bytes);
  if (!row) {
    store.report_unreadable(KeySpace::meta, kWindowsKey);
    return core::fail(core::ErrorCode::io, store.failure());
  }
  if (row->bucket != options.bucket)
    return core::fail(core::ErrorCode::config,
                      "the state was kept in buckets of " + core::format_duration(row->bucket) +
                          ", but the configuration asks for " + core::format_duration(options.bucket) +
                          ": set it back, or move the state directory away to start again");
  closed_until = saved_until = row->closed_until;
  // Its expiry is in the commit that holds it. Were it repeated, what late calls have put there since would go sooner.
  if (closed_until != EventTime::min()) expired_day = core::floor_to(closed_until, kWholeDay);
  row_saved = true;
  return {};
}

std::optional<EventTime> Windows::Impl::next_bucket() const {
  std::optional<EventTime> next = open.first();
  if (const auto deadline = runs.next_deadline()) {
    // The first bucket that ends at or after the deadline, whenever anybody asks.
    const EventTime start = core::floor_to(*deadline - core::microseconds(1), options.bucket);
    const EventTime silent = std::max(start, closed_until);
    next = next ? std::min(*next, silent) : silent;
  }
  return next;
}

ClosedPage Windows::Impl::finish_bucket(EventTime start) {
  ClosedPage page{.start = start, .entries = {}};
  unplaced.close_until(start);
  core::NanoUsd cost;
  std::vector<OpenBuckets::Member> members = open.take(start);
  page.entries.reserve(members.size());
  for (OpenBuckets::Member& member : members) {
    ClosedPage::Entry& entry =
        page.entries.emplace_back(ClosedPage::Entry{member.series, member.calls->summary(open.shared())});
    SummaryBuilder builder(open.shared().metrics, entry.summary);
    for (RunCalls& run : member.calls->sorted_runs()) runs.apply(*member.series, run, builder);
    builder.finish();
    const EventTime day = core::floor_to(start, kWholeDay);
    ledger.add(day, *member.series, entry.summary.totals);
    cost += entry.summary.totals.cost;
    series.touch(*member.series, day);
  }
  unplaced.add_total(start, cost);
  open.recycle(std::move(members));
  add_silent_runs(start + options.bucket, page);
  return page;
}

void Windows::Impl::add_silent_runs(EventTime end, ClosedPage& page) {
  struct Silent {
    core::BucketSummary summary;
    std::unique_ptr<SummaryBuilder> builder;
  };
  std::map<std::uint32_t, Silent> silent;
  runs.end_silent(end, [&](SeriesState& of) -> SummaryBuilder& {
    Silent& entry = silent[of.id];
    if (!entry.builder) entry.builder = std::make_unique<SummaryBuilder>(open.shared().metrics, entry.summary);
    return *entry.builder;
  });
  if (silent.empty()) return;
  for (ClosedPage::Entry& entry : page.entries) {
    const auto found = silent.find(entry.series->id);
    if (found == silent.end()) continue;
    found->second.builder->finish();
    entry.summary.merge(found->second.summary);
    silent.erase(found);
  }
  for (auto& [id, entry] : silent) {
    entry.builder->finish();
    page.entries.push_back({&series.at(id), std::move(entry.summary)});
  }
  std::sort(page.entries.begin(), page.entries.end(), [](const ClosedPage::Entry& a, const ClosedPage::Entry& b) {
    return a.series->key.text() < b.series->key.text();
  });
}

void Windows::Impl::close(EventTime start, const OnClosed& on_closed) {
  roll_until(start, on_closed);
  ClosedPage& page = rings.push(finish_bucket(start));
  closed_until = start + options.bucket;
  for (const ClosedPage::Entry& entry : page.entries)
    on_closed(entry.series->key, core::ClosedBucket{start, closed_until, &entry.summary});
  for (ClosedPage::Entry& entry : page.entries) entry.summary.runs.clear();
  roll_until(closed_until, on_closed);
  expire();
}

void Windows::Impl::roll_until(EventTime time, const OnClosed& on_closed) {
  for (const ClosedMinute& minute : rings.roll_until(time)) {
    const MinuteParts parts(minute);
    const EventTime end = minute.start + core::minutes(1);
    for (const ClosedMinute::Entry& entry : minute.roll_ups) {
      const core::ClosedBucket bucket{minute.start, end, &entry.summary, parts.of(*entry.series)};
      if (entry.series->kind == core::SeriesKind::all)
        close_whole(entry, bucket, on_closed);
      else
        on_closed(entry.series->key, bucket);
    }
    join_late(end);
  }
}

// The roll-up of everything also hears of what counts for no bucket.
void Windows::Impl::close_whole(const ClosedMinute::Entry& entry, core::ClosedBucket bucket,
                                const OnClosed& on_closed) {
  const LateMinute noticed = late.hand_over(bucket.end);
  const auto calls = late_calls(noticed);
  const auto dropped = dropped_calls(noticed);
  bucket.late = calls;
  bucket.dropped = dropped;
  on_closed(entry.series->key, bucket);
}

void Windows::Impl::join_late(EventTime end) {
  if (!options.roll_ups.has(core::SeriesKind::all)) (void)late.hand_over(end);
  const auto joining = late.take_before(ring_limits(end).buckets);
  if (joining.empty()) return;
  recent_sums.forget();
  for (const LateMinute::Calls& calls : joining) {
    SeriesState* place = series.find(calls.series.text());
    if (place == nullptr) {
      place = series.admit(calls.series.text());
      if (place == nullptr) place = &series.other();
      series.touch(*place, core::floor_to(end, kWholeDay));
    }
    rings.join(calls.minute, *place, calls.summary);
  }
}

void Windows::Impl::expire() {
  rings.expire(closed_until);
  const EventTime day = core::floor_to(closed_until, kWholeDay);
  if (day == expired_day) return;
  expired_day = day;
  const RingLimits limits = ring_limits(closed_until);
  ledger.erase_before(limits.days);
  series.forget_before(limits.hours);
}

void Windows::Impl::save_row() {
  if (row_saved && saved_until == closed_until) return;
  store.put(KeySpace::meta, std::string(kWindowsKey), encode_windows_row({closed_until, options.bucket}));
  saved_until = closed_until;
  row_saved = true;
}

Windows::Windows(Store& store, std::vector<core::MetricSpec> metrics, WindowOptions options)
    : impl_(std::make_unique<Impl>(store, std::move(metrics), options)) {
  if (options.bucket.us <= 0 || core::minutes(1).us % options.bucket.us != 0)
    core::bug("the bucket length must divide a minute");
}

Windows::~Windows() = default;

core::Result<void> Windows::load() {
  if (auto loaded = impl_->load_row(); !loaded) return loaded;
  if (auto loaded = impl_->names.load(); !loaded) return loaded;
  for (const core::MetricSpec& metric : impl_->open.shared().metrics) (void)impl_->names.number(metric.name);
  if (auto loaded = impl_->series.load(); !loaded) return loaded;
  if (auto loaded = impl_->unplaced.load(impl_->closed_until); !loaded) return loaded;
  if (auto loaded = impl_->rings.load(impl_->closed_until); !loaded) return loaded;
  if (auto loaded = impl_->late.load(); !loaded) return loaded;
  if (auto loaded = impl_->runs.load(impl_->series); !loaded) return loaded;
  return impl_->open.load();
}

void Windows::add(const core::UsageEvent& event, const LogPosition& position) {
  if (event.ts < impl_->closed_until) core::bug("an event was added to a bucket that is closed");
  impl_->open.add(event, position);
}

// The series itself, or the one of the rest when it has no place and gets none.
const core::SeriesKey& Windows::Impl::place_of(const core::SeriesKey& own) {
  return series.full() && !series.find(own.text()) ? series.other().key : own;
}

void Windows::add_late(const core::UsageEvent& event, core::DroppedEvent why, EventTime noticed) {
  Accumulator calls;
  calls.add(impl_->open.shared(), event, {});
  const core::SeriesKey own = series_of(event.app, event.model);
  const core::SeriesKey& series = impl_->place_of(own);
  core::BucketSummary summary = calls.summary(impl_->open.shared());
  impl_->ledger.add_late(core::floor_to(event.ts, kWholeDay), series.text(), summary.totals);
  const EventTime when = std::max(noticed, impl_->closed_until);
  impl_->late.count(when, series, why);
  impl_->late.add(when, event.ts, series, std::move(summary));
}

void Windows::add_duplicate(const core::UsageEvent& event, EventTime noticed) {
  const core::SeriesKey own = series_of(event.app, event.model);
  impl_->late.count(std::max(noticed, impl_->closed_until), impl_->place_of(own), core::DroppedEvent::duplicate);
}

void Windows::close_until(EventTime watermark, const OnClosed& on_closed,
                          const std::function<void(EventTime end)>& after_bucket) {
  for (auto start = impl_->next_bucket(); start && *start + impl_->options.bucket <= watermark;
       start = impl_->next_bucket()) {
    impl_->close(*start, on_closed);
    after_bucket(impl_->closed_until);
  }
}

EventTime Windows::closed_until() const { return impl_->closed_until; }

std::unique_ptr<core::SeriesHistory> Windows::history(const core::SeriesKey& series) const {
  return std::make_unique<RingHistory>(impl_->rings, impl_->series, impl_->recent_sums, impl_->closed_until, series);
}

void Windows::save() {
  impl_->open.save();
  impl_->unplaced.save();
  impl_->rings.save();
  impl_->runs.save();
  impl_->ledger.save(impl_->closed_until);
  impl_->late.save();
  impl_->save_row();
}

std::int64_t Windows::series_count() const { return impl_->series.admitted_count(); }
SeriesCensus Windows::series_census() const {
  std::set<std::string, std::less<>> apps, models;
  SeriesCensus census;
  const auto& states = impl_->series.all();
  for (auto state = states.rbegin(); state != states.rend() && state->get() != &impl_->series.other(); ++state) {
    if (!(*state)->admitted || (*state)->kind != core::SeriesKind::app_model) continue;
    apps.insert((*state)->key.label(core::Dimension::app));
    models.insert((*state)->key.label(core::Dimension::model));
    if (census.newest.size() < 3) census.newest.push_back((*state)->key);
  }
  census.apps = std::ssize(apps);
  census.models = std::ssize(models);
  return census;
}
std::int64_t Windows::open_bucket_count() const { return impl_->open.size(); }

}  // namespace costdrift::state
