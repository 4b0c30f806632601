#include "replay/series_curves.h"

#include <algorithm>

namespace costdrift::replay {
namespace {

constexpr core::Duration kSlot = core::minutes(15);
constexpr core::Duration kBefore = core::hours(48);
constexpr core::Duration kAfter = core::hours(12);
constexpr std::size_t kMaxSeries = 2000;
constexpr std::int64_t kMaxValues = 300;

std::string quantity_of(const std::string& detector) {
  if (detector == "prompt_growth") return "input tokens per call";
  if (detector == "context_growth") return "retrieved tokens per call";
  if (detector == "output_growth") return "output tokens per call";
  if (detector == "retry_rate") return "retries per attempt";
  if (detector == "cache_hit_rate") return "share of input read from the cache";
  return "dollars per hour";
}

std::optional<double> ratio(std::int64_t above, std::int64_t below) {
  if (below <= 0) return std::nullopt;
  return static_cast<double>(above) / static_cast<double>(below);
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

void SeriesCurves::Slot::add(const Slot& other) {
  calls += other.calls;
  attempts += other.attempts;
  retries += other.retries;
  input += other.input;
  output += other.output;
  retrieved += other.retrieved;
  cache_read += other.cache_read;
  cache_eligible += other.cache_eligible;
  cost += other.cost;
}

void SeriesCurves::on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                             std::span<const daemon::JudgeStanding>) {
  if (series.kind() != core::SeriesKind::app_model) return;
  auto found = series_.find(series.text());
  if (found == series_.end()) {
    if (series_.size() >= kMaxSeries) return;
    found = series_.emplace(series.text(), Series{.key = series, .slots = {}}).first;
  }
  const core::Totals& t = bucket.summary->totals;
  found->second.slots[core::floor_to(bucket.start, kSlot)].add({.calls = t.calls,
                                                                .attempts = t.attempts,
                                                                .retries = t.retries,
                                                                .input = t.input_tokens,
                                                                .output = t.output_tokens,
                                                                .retrieved = t.retrieved_tokens,
                                                                .cache_read = t.cache_read_tokens,
                                                                .cache_eligible = t.cache_eligible_tokens,
                                                                .cost = t.cost});
}

std::optional<double> SeriesCurves::value_of(const Slot& slot, const std::string& detector, core::Duration width) {
  if (detector == "prompt_growth") return ratio(slot.input, slot.calls);
  if (detector == "context_growth") return ratio(slot.retrieved, slot.calls);
  if (detector == "output_growth") return ratio(slot.output, slot.calls);
  if (detector == "retry_rate") return ratio(slot.retries, slot.attempts);
  if (detector == "cache_hit_rate") return ratio(slot.cache_read, slot.cache_eligible);
  return core::to_usd(slot.cost) / core::to_hours(width);
}

std::map<core::EventTime, SeriesCurves::Slot> SeriesCurves::slots_of(const core::SeriesKey& series,
                                                                     core::EventTime from, core::EventTime to,
                                                                     core::Duration step) const {
  std::map<core::EventTime, Slot> sums;
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
  Curve curve{.quantity = quantity_of(newest.detector), .step = kSlot * slots_a_step};
  curve.begin = core::floor_to(from, curve.step);
  const auto slots = slots_of(newest.series, curve.begin, end, curve.step);
  if (slots.empty()) return std::nullopt;
  for (core::EventTime at = curve.begin; at <= slots.rbegin()->first; at = at + curve.step) {
    const auto slot = slots.find(at);
    curve.values.push_back(slot == slots.end() ? std::nullopt : value_of(slot->second, newest.detector, curve.step));
  }
  add_usual_band(curve, newest.onset);
  if (curve.quantity == newest.quantity && newest.expected > 0) curve.expected = newest.expected;
  return curve;
}

}  // namespace costdrift::replay
