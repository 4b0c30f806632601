#include "detectors/money_at_risk.h"

#include <algorithm>
#include <cmath>

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kVersion = 1;
constexpr double kDaysOfStake = 7;
constexpr int kLongestPause = 60;     // days without calls that count: nothing of a stake is left then
constexpr double kMostWeight = 1e12;  // a thousand dollars a call, a million a day: sums over 400,000 series fit
constexpr double kLeastShare = 0.01;
constexpr core::Duration kAtRisk = core::days(8);  // after the last stake: a weekly job is at risk all week

std::int64_t bounded(double weight) { return std::llround(std::clamp(weight, 0.0, kMostWeight)); }

}  // namespace

bool Stake::add(core::EventTime start, const core::Totals& totals) {
  const core::EventTime day = core::floor_to(start, core::days(1));
  const bool another = day_ != core::EventTime::min() && day > day_;
  for (int ended = 0; another && day_ < day && ended < kLongestPause; ++ended, day_ = day_ + core::days(1)) end_day();
  day_ = std::max(day_, day);
  usd_today_ += core::to_usd(totals.cost);
  calls_today_ += static_cast<double>(totals.calls);
  return another;
}

void Stake::end_day() {
  days_ = std::min(days_ + 1, kDaysOfStake);
  usd_a_day_ += (usd_today_ - usd_a_day_) / days_;
  calls_a_day_ += (calls_today_ - calls_a_day_) / days_;
  usd_today_ = calls_today_ = 0;
}

std::int64_t Stake::weight(EvidencePer evidence) const {
  switch (evidence) {
    case EvidencePer::call:
      return calls_a_day_ > 0 ? bounded(usd_a_day_ / calls_a_day_ * 1e9) : 0;
    case EvidencePer::minute:
      return bounded(usd_a_day_ * 1e6);
  }
  return 0;
}

void Stake::save(core::ByteWriter& out) const {
  out.u64(kVersion);
  for (const core::EventTime day : {day_, counted_}) out.i64(day.us);
  for (const double value : {usd_today_, calls_today_, days_, usd_a_day_, calls_a_day_}) out.f64(value);
  for (const std::int64_t judges : judges_) out.i64(judges);
  for (const std::int64_t weight : weights_) out.i64(weight);
}

void Stake::restore(core::ByteReader& in) {
  if (in.u64() != kVersion) return;
  for (core::EventTime* day : {&day_, &counted_}) day->us = in.i64();
  for (double* value : {&usd_today_, &calls_today_, &days_, &usd_a_day_, &calls_a_day_}) *value = in.f64();
  for (std::int64_t& judges : judges_) judges = in.i64();
  for (std::int64_t& weight : weights_) weight = in.i64();
}

void MoneyAtRisk::restake(Stake& stake, const Stake::Judges& judges) {
  const auto before = by_day_.find(stake.counted_);
  Sums& today = by_day_[stake.day_];
  for (std::size_t kind = 0; kind < kEvidenceKinds; ++kind) {
    if (before != by_day_.end()) {
      before->second[kind].judges -= stake.judges_[kind];
      before->second[kind].weight -= stake.judges_[kind] * stake.weights_[kind];
    }
    stake.judges_[kind] = judges[kind];
    stake.weights_[kind] = stake.weight(static_cast<EvidencePer>(kind));
    today[kind].judges += stake.judges_[kind];
    today[kind].weight += stake.judges_[kind] * stake.weights_[kind];
  }
  stake.counted_ = stake.day_;
  changed_ = due_ = true;
}

void MoneyAtRisk::bucket_time_ended() {
  if (due_) sum_up();
}

void MoneyAtRisk::sum_up() {
  due_ = false;
  sums_ = {};
  if (by_day_.empty()) return;
  const core::EventTime oldest = by_day_.rbegin()->first - kAtRisk;
  std::erase_if(by_day_, [&](const auto& item) { return item.first < oldest; });
  for (const auto& [day, of_day] : by_day_) {
    for (std::size_t kind = 0; kind < kEvidenceKinds; ++kind) {
      sums_[kind].judges += of_day[kind].judges;
      sums_[kind].weight += of_day[kind].weight;
    }
  }
}

double MoneyAtRisk::share(const Stake& stake, EvidencePer evidence) const {
  const auto kind = static_cast<std::size_t>(evidence);
  const Sum& all = sums_[kind];
  if (stake.days_ == 0 || all.weight <= 0) return 1;
  const double mean = static_cast<double>(all.weight) / static_cast<double>(std::max<std::int64_t>(all.judges, 1));
  return std::max(kLeastShare, static_cast<double>(stake.weights_[kind]) / mean);
}

void MoneyAtRisk::save(core::ByteWriter& out) const {
  out.u64(kVersion);
  out.u64(by_day_.size());
  for (const auto& [day, of_day] : by_day_) {
    out.i64(day.us);
    for (const Sum& sum : of_day) {
      out.i64(sum.judges);
      out.i64(sum.weight);
    }
  }
}

bool MoneyAtRisk::restore(std::string_view bytes) {
  *this = {};
  core::ByteReader in(bytes);
  if (in.u64() != kVersion) return false;
  for (std::size_t left = in.count(1 + 2 * kEvidenceKinds); left > 0; --left) {
    Sums& of_day = by_day_[{in.i64()}];
    for (Sum& sum : of_day) {
      sum.judges = in.i64();
      sum.weight = in.i64();
    }
  }
  if (in.finished()) {
    sum_up();
    return true;
  }
  *this = {};
  return false;
}

}  // namespace costdrift::detectors
