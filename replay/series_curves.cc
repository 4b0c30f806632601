#include "replay/series_curves.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "replay/gathered.h"
#include "state/summary_codec.h"

namespace costdrift::replay {
namespace {

constexpr core::Duration kSlot = core::minutes(15);
constexpr core::Duration kBefore = core::hours(48);
constexpr core::Duration kAfter = core::hours(12);
constexpr std::size_t kMaxSeries = 2000;
constexpr std::int64_t kMaxValues = 300;
constexpr std::string_view kSlotRows = "slot";

// A quantity that can be read off the sums of a bucket. Alerts of every other quantity show dollars per hour.
struct TotalsRatio {
  std::string_view quantity;
  std::int64_t core::Totals::*above;
  std::int64_t core::Totals::*below;
};
constexpr TotalsRatio kDrawn[] = {
    {"input tokens per call", &core::Totals::input_tokens, &core::Totals::calls},
    {"output tokens per call", &core::Totals::output_tokens, &core::Totals::calls},
    {"retrieved tokens per call", &core::Totals::retrieved_tokens, &core::Totals::calls},
    {"retries per attempt", &core::Totals::retries, &core::Totals::attempts},
    {"share of input tokens read from cache", &core::Totals::cache_read_tokens, &core::Totals::cache_eligible_tokens},
};

// nullptr: dollars per hour.
const TotalsRatio* drawn_for(const std::string& quantity) {
  const auto* found = std::find_if(std::begin(kDrawn), std::end(kDrawn),
                                   [&](const TotalsRatio& ratio) { return ratio.quantity == quantity; });
  return found == std::end(kDrawn) ? nullptr : found;
}

std::optional<double> value_of(const core::Totals& totals, const TotalsRatio* drawn, core::Duration width) {
  if (drawn == nullptr) return core::to_usd(totals.cost) / core::to_hours(width);
  if (totals.*(drawn->below) <= 0) return std::nullopt;
  return static_cast<double>(totals.*(drawn->above)) / static_cast<double>(totals.*(drawn->below));
}

double quantile(const std::vector<double>& sorted, double q) {
  return sorted[static_cast<std::size_t>(q * static_cast<double>(sorted.size() - 1) + 0.5)];
}

void add_usual_band(Curve& curve, core::EventTime onset) {
  std::vector<double> before;
  for (std::size_t i = 0; i < curve.values.size(); ++i) {
    const core::EventTime end = curve.begin + curve.step * static_cast<std::int64_t>(i + 1);
    if (end <= onset && curve.values[i]) before.push_back(*curve.values[i]);
  }
  if (before.size() < 5) return;
  std::sort(before.begin(), before.end());
  curve.usual_low = quantile(before, 0.1);
  curve.usual_high = quantile(before, 0.9);
}

// Whether the calls of `part` are among those of `whole`, by the labels that (app, model) series have.
bool is_part(const core::SeriesKey& part, const core::SeriesKey& whole) {
  for (const auto& [dimension, value] : whole.labels()) {
    if (part.label(dimension) != value) return false;
  }
  return true;
}

}  // namespace

void SeriesCurves::on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                             std::span<const daemon::JudgeStanding>) {
  if (series.kind() != core::SeriesKind::app_model) return;
  auto found = series_.find(series.text());
  if (found == series_.end()) {
    if (series_.size() >= kMaxSeries) return;
    found = series_.emplace(series.text(), Series{.key = series, .slots = {}}).first;
  }
  const core::EventTime slot = core::floor_to(bucket.start, kSlot);
  found->second.slots[slot].add(bucket.summary->totals);
  unsaved_ = std::min(unsaved_, slot);
}

void SeriesCurves::save(state::Store& store) {
  for (const auto& [text, one] : series_) {
    for (auto slot = one.slots.lower_bound(unsaved_); slot != one.slots.end(); ++slot) {
      core::ByteWriter out = gathered_value();
      state::encode_totals(out, slot->second);
      store.put(state::KeySpace::report, gathered_key(kSlotRows).time(slot->first).rest(text).take(), out.take());
    }
  }
  unsaved_ = core::EventTime::max();
}

bool SeriesCurves::load(const state::Store& store) {
  return read_gathered(store, kSlotRows, [this](state::OrderedKeyReader& key, core::ByteReader& in) {
    const core::EventTime slot = key.time();
    const std::string text(key.rest());
    Series& one = series_.emplace(text, Series{.key = core::SeriesKey::from_text(text), .slots = {}}).first->second;
    one.slots[slot] = state::decode_totals(in);
    return true;
  });
}

std::map<core::EventTime, core::Totals> SeriesCurves::slots_of(const core::SeriesKey& series, core::EventTime from,
                                                               core::EventTime to, core::Duration step) const {
  std::map<core::EventTime, core::Totals> sums;
  for (const auto& [text, one] : series_) {
    if (!is_part(one.key, series)) continue;
    for (auto slot = one.slots.lower_bound(from); slot != one.slots.end() && slot->first < to; ++slot) {
      sums[core::floor_to(slot->first, step)].add(slot->second);
    }
  }
  return sums;
}

std::optional<Curve> SeriesCurves::of_incident(const core::AlertEvent& newest) const {
  const core::SeriesKind kind = newest.series.kind();
  if (kind == core::SeriesKind::team || kind == core::SeriesKind::provider) return std::nullopt;
  const core::EventTime end = newest.resolved_at.value_or(newest.updated_at) + kAfter;
  const core::EventTime from = newest.onset - kBefore;
  std::int64_t slots_a_step = 1;
  while ((end - from).us / (kSlot.us * slots_a_step) > kMaxValues) ++slots_a_step;
  const TotalsRatio* drawn = drawn_for(newest.quantity);
  Curve curve{.quantity = drawn == nullptr ? "dollars per hour" : newest.quantity, .step = kSlot * slots_a_step};
  curve.begin = core::floor_to(from, curve.step);
  const auto slots = slots_of(newest.series, curve.begin, end, curve.step);
  if (slots.empty()) return std::nullopt;
  for (core::EventTime at = curve.begin; at <= slots.rbegin()->first; at = at + curve.step) {
    const auto slot = slots.find(at);
    curve.values.push_back(slot == slots.end() ? std::nullopt : value_of(slot->second, drawn, curve.step));
  }
  add_usual_band(curve, newest.onset);
  if (drawn != nullptr && newest.expected > 0) curve.expected = newest.expected;
  return curve;
}

}  // namespace costdrift::replay
