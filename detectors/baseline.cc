#include "detectors/baseline.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/counts_record.h"
#include "detectors/stats/estimate.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kLag = core::hours(1);
constexpr core::Duration kQuarantine = core::hours(48);
constexpr core::Duration kMinutesKept = core::hours(20);  // a day, less the time until a bucket closes
constexpr std::size_t kMaxPending = 64;
constexpr double kPriorHours = 8;  // of the siblings' inflation
constexpr double kBusiestOverMean = 4;
constexpr double kLikelyExcess = 3;  // standard deviations of a Poisson number

std::int64_t scaled(std::int64_t value, double factor) {
  constexpr double kBelowTheLimit =
      9.2e18;  // a sum of money may stand at the limit of int64, which rounding would pass
  return std::llround(std::min(static_cast<double>(value) * factor, kBelowTheLimit));
}

core::Totals scaled(core::Totals totals, double factor) {
  for (const auto count : core::kTotalCounts) totals.*count = scaled(totals.*count, factor);
  for (const auto money : core::kTotalMoney) (totals.*money).nano = scaled((totals.*money).nano, factor);
  return totals;
}

void save_totals(core::ByteWriter& out, const core::Totals& totals) {
  for (const auto count : core::kTotalCounts) out.i64(totals.*count);
  for (const auto money : core::kTotalMoney) out.i64((totals.*money).nano);
}

core::Totals restore_totals(core::ByteReader& in) {
  core::Totals totals;
  for (const auto count : core::kTotalCounts) totals.*count = in.i64();
  for (const auto money : core::kTotalMoney) (totals.*money).nano = in.i64();
  return totals;
}

// The first call of a run counts as one, those after it as less.
bool any_in_runs(const core::Counts& counts) {
  return std::any_of(counts.begin(), counts.end(),
                     [](const core::BinCount& item) { return item.weight % core::kOneCall != 0; });
}

}  // namespace

void Baseline::begin_from(const SiblingPrior& prior, const stats::LaneFamily& family) {
  has_siblings_ = true;
  variance_.expect(prior.inflation, kPriorHours);
  if (prior.counts.empty()) return;
  set_counts(prior.counts);
  shares_known_ = true;
  build_table(family);
}

void Baseline::trust_pending() {
  for (auto& item : pending_) item.suspect = false;
}

void Baseline::hour_ended(core::EventTime hour, bool suspect) {
  first_hour_ = std::min(first_hour_, hour);
  counted_from_ = std::min(counted_from_, hour);
  last_hour_ = std::max(last_hour_, hour);
  pending_.push_back({hour, suspect});
  if (pending_.size() > kMaxPending) pending_.erase(pending_.begin());
}

bool Baseline::learn_due(core::EventTime now, const core::SeriesHistory& history, std::string_view metric,
                         const stats::LaneFamily& family) {
  bool changed = false;
  std::erase_if(pending_, [&](const PendingHour& item) {
    if (item.hour + core::hours(1) + (item.suspect ? kQuarantine : kLag) > now) return false;
    learn(summed(item.hour, now, history, metric), metric, family);
    changed = true;
    return true;
  });
  if (changed) {
    cap();
    if (!counts_.empty()) build_table(family);
  }
  return changed;
}

core::BucketSummary Baseline::summed(core::EventTime hour, core::EventTime now, const core::SeriesHistory& history,
                                     std::string_view metric) {
  constexpr core::Duration kQuarter = core::minutes(15);
  const bool in_minutes = now - hour < kMinutesKept;
  if (!in_minutes || !settled()) return history.sum(hour, hour + core::hours(1));
  core::BucketSummary sum;
  std::array<core::Counts, 4> quarters;
  for (core::Counts& quarter : quarters) {
    core::BucketSummary part = history.sum(hour, hour + kQuarter);
    sum.merge(part);
    quarter = part.counts(metric);
    hour = hour + kQuarter;
  }
  clumping_.observe_parts(table_, quarters);
  return sum;
}

void Baseline::learn(const core::BucketSummary& hour, std::string_view metric, const stats::LaneFamily& family) {
  const core::Counts& counts = hour.counts(metric);
  if (counts.empty()) return;
  if (settled()) variance_.observe(table_, table_calls_, counts);
  has_runs_ = has_runs_ || any_in_runs(counts);
  core::merge_counts(counts_, counts);
  calls_ = core::total_calls(counts_);
  totals_.add(hour.totals);
  calls_seen_ += core::total_calls(counts);
  // The first table must exist before the first judgement; later ones are built once per round of learning.
  if (++hours_ == kMinHours) build_table(family);
}

void Baseline::build_table(const stats::LaneFamily& family) {
  table_ = stats::build_table(family, counts_);
  table_calls_ = std::max(calls_, calls_seen_);
}

void Baseline::cap() {
  if (calls_ <= kMaxCalls) return;
  const double factor = kMaxCalls / calls_;
  core::Counts counts = std::move(counts_);
  for (auto& item : counts) item.weight = scaled(item.weight, factor);
  std::erase_if(counts, [](const core::BinCount& item) { return item.weight == 0; });
  set_counts(std::move(counts));
  totals_ = scaled(totals_, factor);
}

void Baseline::drop_pending_since(core::EventTime onset) {
  std::erase_if(pending_, [&](const PendingHour& item) { return item.hour + core::hours(1) > onset; });
}

void Baseline::set_counts(core::Counts counts) {
  counts_ = std::move(counts);
  calls_ = core::total_calls(counts_);
}

void Baseline::restart_at(core::EventTime onset) {
  std::vector<PendingHour> kept;
  for (const auto& item : pending_) {
    if (item.hour >= onset) kept.push_back({item.hour, false});
  }
  Baseline anew;
  if (!kept.empty()) {
    anew.counted_from_ = kept.front().hour;
    anew.last_hour_ = kept.back().hour;
  }
  anew.pending_ = std::move(kept);
  anew.first_hour_ = first_hour_;  // the series is not new: no silent first day
  anew.variance_ = variance_;
  anew.clumping_ = clumping_;
  anew.has_runs_ = has_runs_;
  *this = std::move(anew);
}

Baseline Baseline::with_counts(core::Counts counts, bool log_bins) const {
  Baseline result = *this;
  const double before = log_bins ? stats::mean_value(counts_) : 0;
  if (before > 0) {
    const double factor = stats::mean_value(counts) / before;
    for (core::NanoUsd* money : {&result.totals_.cost, &result.totals_.input_cost, &result.totals_.output_cost}) {
      money->nano = scaled(money->nano, factor);
    }
  }
  result.set_counts(std::move(counts));
  return result;
}

double Baseline::concurrence(double calls, core::Duration bucket) const {
  if (!has_runs_) return 1;
  const double mean = kBusiestOverMean * calls_per_week() * core::to_hours(bucket) / 168;
  return std::max(1.0, calls / (1 + mean + kLikelyExcess * std::sqrt(mean)));
}

double Baseline::calls_per_week() const {
  if (hours_ == 0) return 0;
  const double span_h = core::to_hours(last_hour_ + core::hours(1) - counted_from_);
  return calls_seen_ / std::max(span_h, 1.0) * 168;
}

void Baseline::save(core::ByteWriter& out) const {
  core::save_counts(out, counts_);
  save_totals(out, totals_);
  out.u64(pending_.size());
  for (const auto& item : pending_) {
    out.i64(item.hour.us);
    out.boolean(item.suspect);
  }
  variance_.save(out);
  clumping_.save(out);
  for (const core::EventTime time : {first_hour_, counted_from_, last_hour_}) out.i64(time.us);
  out.i64(hours_);
  out.f64(calls_seen_);
  for (const bool flag : {has_runs_, has_siblings_, shares_known_}) out.boolean(flag);
}

void Baseline::restore(core::ByteReader& in, const stats::LaneFamily& family) {
  set_counts(core::restore_counts(in));
  totals_ = restore_totals(in);
  pending_.resize(in.count(2));
  for (auto& item : pending_) {
    item.hour = {in.i64()};
    item.suspect = in.boolean();
  }
  variance_.restore(in);
  clumping_.restore(in);
  for (core::EventTime* time : {&first_hour_, &counted_from_, &last_hour_}) *time = {in.i64()};
  hours_ = in.i64();
  calls_seen_ = in.f64();
  for (bool* flag : {&has_runs_, &has_siblings_, &shares_known_}) *flag = in.boolean();
  if (!in.failed() && !counts_.empty()) build_table(family);
}

}  // namespace costdrift::detectors
