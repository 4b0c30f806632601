#include "state/series_dictionary.h"

#include <algorithm>

#include "core/bytes.h"
#include "core/hash.h"
#include "state/ordered_key.h"

namespace costdrift::state {
namespace {

constexpr std::uint64_t kDictionaryVersion = 1;
constexpr std::string_view kUnattributed = "unattributed";
constexpr std::string_view kOther = "__other__";
constexpr std::int64_t kFewRollUps = 1'000;

void pack(std::string& out, std::string_view app, std::string_view model) {
  out.assign(app.empty() ? kUnattributed : app);
  out.push_back('\0');
  out.append(model);
}

std::string row_key(std::string_view text) { return OrderedKey().rest(kSeriesRowPrefix).rest(text).take(); }

}  // namespace

core::SeriesKey series_of(std::string_view app, std::string_view model) {
  return core::SeriesKey::of({{core::Dimension::app, std::string(app.empty() ? kUnattributed : app)},
                              {core::Dimension::model, std::string(model)}});
}

core::SeriesKey roll_up_key(core::SeriesKind kind, std::string_view value) {
  switch (kind) {
    case core::SeriesKind::app:
      return core::SeriesKey::of({{core::Dimension::app, std::string(value)}});
    case core::SeriesKind::model:
      return core::SeriesKey::of({{core::Dimension::model, std::string(value)}});
    case core::SeriesKind::team:
      return core::SeriesKey::of({{core::Dimension::team, std::string(value)}});
    case core::SeriesKind::provider:
      return core::SeriesKey::of({{core::Dimension::provider, std::string(value)}});
    case core::SeriesKind::all:
      return {};
    case core::SeriesKind::app_model:
      break;
  }
  core::bug("a series of one app and model is not a roll-up");
}

std::uint64_t series_hash(std::string_view app, std::string_view model) {
  std::string packed;
  pack(packed, app, model);
  return core::hash64(packed);
}

std::uint64_t series_hash(const core::SeriesKey& series) {
  return series_hash(series.label(core::Dimension::app), series.label(core::Dimension::model));
}

SeriesDictionary::SeriesDictionary(Store& store, std::int64_t max_series) : store_(store), max_series_(max_series) {
  // The first state is other(): always there, and not one of the max_series.
  SeriesState& rest = add(series_of(kOther, kOther));
  rest.admitted = true;
  index(rest);
}

core::Result<void> SeriesDictionary::load() {
  const std::string prefix(kSeriesRowPrefix);
  store_.scan(KeySpace::meta, prefix, end_of_prefix(prefix), [&](std::string_view key, std::string_view value) {
    core::ByteReader in(value);
    const bool known = in.u64() == kDictionaryVersion;
    const core::EventTime last_day{in.i64()};
    const std::string text(key.substr(prefix.size()));
    SeriesState* series = text == other().key.text() ? &other() : nullptr;
    if (!series) series = &admit_key(core::SeriesKey::from_text(text));
    set_last_day(*series, last_day);
    // Unknown until read.
    series->oldest_minute = series->oldest_hour = core::EventTime::min();
    series->newest_minute = series->newest_hour = core::EventTime::max();
    if (!known || !in.finished()) store_.report_unreadable(KeySpace::meta, key);
    return true;
  });
  if (store_.failed()) return core::fail(core::ErrorCode::io, store_.failure());
  return {};
}

SeriesState& SeriesDictionary::add(core::SeriesKey key) {
  auto series = std::make_unique<SeriesState>();
  series->id = static_cast<std::uint32_t>(states_.size());
  series->kind = key.kind();
  pack(series->packed, key.label(core::Dimension::app), key.label(core::Dimension::model));
  series->key = std::move(key);
  states_.push_back(std::move(series));
  return *states_.back();
}

void SeriesDictionary::index(const SeriesState& series) {
  by_text_[series.key.text()] = states_[series.id].get();
  // Events are looked up by app and model only.
  if (series.kind == core::SeriesKind::app_model) index_.insert(core::hash64(series.packed), series.id);
}

SeriesState* SeriesDictionary::find(std::string_view app, std::string_view model) {
  pack(packed_, app, model);
  const std::uint32_t id = index_.find(
      core::hash64(packed_), [this](std::uint32_t candidate) { return states_[candidate]->packed == packed_; });
  return id == FlatIndex::kNone ? nullptr : states_[id].get();
}

SeriesState* SeriesDictionary::find(std::string_view text) {
  const auto found = by_text_.find(text);
  return found == by_text_.end() ? nullptr : found->second;
}

SeriesState* SeriesDictionary::admit(std::string_view text) {
  if (full()) return nullptr;
  return &admit_key(core::SeriesKey::from_text(std::string(text)));
}

SeriesState* SeriesDictionary::admit_spender(std::string_view text) {
  if (admitted_ >= max_series_ + kSpenderPlaces) return nullptr;
  return &admit_key(core::SeriesKey::from_text(std::string(text)));
}

SeriesState& SeriesDictionary::admit_key(core::SeriesKey key) {
  SeriesState& series = add(std::move(key));
  series.admitted = true;
  index(series);
  ++count_of(series.kind);
  return series;
}

SeriesState& SeriesDictionary::roll_up(core::SeriesKind kind, std::string_view value) {
  core::SeriesKey key = roll_up_key(kind, value);
  if (SeriesState* known = find(key.text())) return *known;
  const bool bounded = kind == core::SeriesKind::team || kind == core::SeriesKind::provider;
  if (bounded && value != kOther && teams_and_others_ >= std::max(max_series_, kFewRollUps))
    return roll_up(kind, kOther);
  return admit_key(std::move(key));
}

std::int64_t& SeriesDictionary::count_of(core::SeriesKind kind) {
  switch (kind) {
    case core::SeriesKind::app_model:
      return admitted_;
    case core::SeriesKind::app:
    case core::SeriesKind::model:
      return apps_and_models_;
    case core::SeriesKind::team:
    case core::SeriesKind::provider:
    case core::SeriesKind::all:
      return teams_and_others_;
  }
  core::bug("series kind out of range");
}

// Counted are the (app, model) series that have a place for as long as they have calls.
void SeriesDictionary::set_last_day(SeriesState& series, core::EventTime day) {
  if (series.kind == core::SeriesKind::app_model && &series != &other()) {
    const auto counted = admitted_by_last_day_.find(series.last_day);
    if (counted != admitted_by_last_day_.end() && --counted->second == 0) admitted_by_last_day_.erase(counted);
    if (day != core::EventTime::min()) ++admitted_by_last_day_[day];
  }
  series.last_day = day;
}

bool SeriesDictionary::would_free_before(core::EventTime day) const {
  return !admitted_by_last_day_.empty() && admitted_by_last_day_.begin()->first < day;
}

void SeriesDictionary::touch(SeriesState& series, core::EventTime day) {
  if (series.last_day >= day) return;
  set_last_day(series, day);
  core::ByteWriter out;
  out.u64(kDictionaryVersion);
  out.i64(day.us);
  store_.put(KeySpace::meta, row_key(series.key.text()), out.take());
}

void SeriesDictionary::forget_before(core::EventTime day) {
  bool any = false;
  for (const auto& series : states_) {
    if (!series->admitted || series->last_day >= day || series.get() == &other()) continue;
    set_last_day(*series, core::EventTime::min());
    series->admitted = false;
    store_.erase(KeySpace::meta, row_key(series->key.text()));
    by_text_.erase(series->key.text());
    --count_of(series->kind);
    any = true;
  }
  if (!any) return;
  index_.clear();
  for (const auto& series : states_)
    if (series->admitted && series->kind == core::SeriesKind::app_model)
      index_.insert(core::hash64(series->packed), series->id);
}

}  // namespace costdrift::state
