#include "detectors/money_at_risk.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kStakeVersion = 3, kAtRiskVersion = 3;
constexpr double kDaysOfStake = 7;
constexpr int kLongestPause = 60;                  // days without calls that count: nothing of a stake is left then
constexpr double kMostWeight = 1e12;               // a thousand dollars a call: sums over 400,000 series fit
constexpr core::Duration kAtRisk = core::days(8);  // after the last stake: a weekly job is at risk all week
constexpr int kRounds = 60;

std::int64_t bounded(double weight) { return std::llround(std::clamp(weight, 0.0, kMostWeight)); }

std::int64_t magnitude(std::int64_t weight) { return std::bit_width(static_cast<std::uint64_t>(weight)); }

core::EventTime day_of(core::EventTime at) { return core::floor_to(at, core::days(1)); }

}  // namespace

bool Stake::add(core::EventTime start, const core::Totals& totals) {
  const bool another = newest_ != core::EventTime::min() && day_of(start) > day_of(newest_);
  core::EventTime day = newest_;
  for (int ended = 0; another && day_of(day) < day_of(start) && ended < kLongestPause; ++ended) {
    end_day();
    day = day + core::days(1);
  }
  newest_ = std::max(newest_, start);
  usd_today_ += core::to_usd(totals.cost);
  priced_today_ += static_cast<double>(totals.calls - totals.unpriced_calls);
  return another;
}

void Stake::end_day() {
  days_ = std::min(days_ + 1, kDaysOfStake);
  usd_a_day_ += (usd_today_ - usd_a_day_) / days_;
  priced_a_day_ += (priced_today_ - priced_a_day_) / days_;
  usd_today_ = priced_today_ = 0;
}

std::int64_t Stake::weight() const { return priced_a_day_ > 0 ? bounded(usd_a_day_ / priced_a_day_ * 1e9) : kUnknown; }

void Stake::save(core::ByteWriter& out) const {
  out.u64(kStakeVersion);
  for (const core::EventTime at : {newest_, counted_}) out.i64(at.us);
  for (const double value : {usd_today_, priced_today_, days_, usd_a_day_, priced_a_day_}) out.f64(value);
  for (const std::int64_t value : {judges_, weight_, before_}) out.i64(value);
}

void Stake::restore(core::ByteReader& in) {
  if (in.u64() != kStakeVersion) return;
  for (core::EventTime* at : {&newest_, &counted_}) at->us = in.i64();
  for (double* value : {&usd_today_, &priced_today_, &days_, &usd_a_day_, &priced_a_day_}) *value = in.f64();
  for (std::int64_t* value : {&judges_, &weight_, &before_}) *value = in.i64();
  if (!in.finished()) *this = {};
}

void MoneyAtRisk::count(const Stake& stake, std::int64_t sign) {
  ByMagnitude& of_day = by_day_[day_of(stake.counted_)];
  if (stake.weight_ == Stake::kUnknown) return;
  Sum& sum = of_day[magnitude(stake.weight_)];
  sum.judges += sign * stake.judges_;
  sum.weight += sign * stake.judges_ * stake.weight_;
}

void MoneyAtRisk::restake(Stake& stake, std::int64_t judges) {
  const bool known = stake.counted_ != core::EventTime::min() && by_day_.find(day_of(stake.counted_)) != by_day_.end();
  if (known) count(stake, -1);
  stake.before_ = known ? stake.weight_ : Stake::kUnknown;
  stake.counted_ = stake.newest_;
  stake.judges_ = judges;
  stake.weight_ = stake.weight();
  count(stake, 1);
  due_ = std::min(due_, core::floor_to(stake.counted_, core::hours(1)));
  changed_ = true;
}

void MoneyAtRisk::bucket_time_ended(core::EventTime now) {
  if (due_ == core::EventTime::max() || now < due_ + core::hours(1)) return;
  sum_up();
  counts_ = now;
  due_ = core::EventTime::max();
  changed_ = true;
}

void MoneyAtRisk::sum_up() {
  const core::EventTime oldest = by_day_.rbegin()->first - kAtRisk;
  std::erase_if(by_day_, [&](const auto& item) { return item.first < oldest; });
  ByMagnitude all;
  for (const auto& [day, sums] : by_day_) {
    for (const auto& [digits, sum] : sums) {
      all[digits].judges += sum.judges;
      all[digits].weight += sum.weight;
    }
  }
  mean_ = mean_weight(all);
}

// Weights count as ten times the mean at most, the mean of what they count as; it falls from round to round, to where it
// stays.
double MoneyAtRisk::mean_weight(const ByMagnitude& sums) {
  double mean = kMostWeight;
  for (int round = 0; round < kRounds; ++round) {
    double judges = 0, weight = 0;
    for (const auto& [digits, sum] : sums) {
      judges += static_cast<double>(sum.judges);
      weight += std::min(static_cast<double>(sum.weight), kMostShare * mean * static_cast<double>(sum.judges));
    }
    mean = judges > 0 ? weight / judges : 0;
  }
  return mean;
}

double MoneyAtRisk::share(const Stake& stake) const {
  const std::int64_t weight = stake.counted_ < counts_ ? stake.weight_ : stake.before_;
  if (weight == Stake::kUnknown || mean_ <= 0) return 1;
  return std::clamp(static_cast<double>(weight) / mean_, kLeastShare, kMostShare);
}

void MoneyAtRisk::save(core::ByteWriter& out) const {
  out.u64(kAtRiskVersion);
  for (const core::EventTime at : {due_, counts_}) out.i64(at.us);
  out.f64(mean_);
  out.u64(by_day_.size());
  for (const auto& [day, sums] : by_day_) {
    out.i64(day.us);
    out.u64(sums.size());
    for (const auto& [digits, sum] : sums) {
      for (const std::int64_t value : {digits, sum.judges, sum.weight}) out.i64(value);
    }
  }
}

bool MoneyAtRisk::restore(std::string_view bytes) {
  *this = {};
  core::ByteReader in(bytes);
  if (in.u64() != kAtRiskVersion) return false;
  for (core::EventTime* at : {&due_, &counts_}) at->us = in.i64();
  mean_ = in.f64();
  for (std::size_t days = in.count(2); days > 0; --days) {
    ByMagnitude& sums = by_day_[{in.i64()}];
    for (std::size_t left = in.count(3); left > 0; --left) {
      Sum& sum = sums[in.i64()];
      sum.judges = in.i64();
      sum.weight = in.i64();
    }
  }
  if (in.finished()) return true;
  *this = {};
  return false;
}

}  // namespace costdrift::detectors
