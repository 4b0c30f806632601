#include "detectors/stats/anchor.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace costdrift::detectors::stats {
namespace {

constexpr std::array kRises = {0.25, 0.5, 0.8, 1.2, 2.0};  // spreads
constexpr std::size_t kLevelDays = 2;                      // the level of now is that of so many days
constexpr double kLeastSpread = 0.005;
constexpr double kMostCorrelation = 0.8;
constexpr double kMostSpreads = 3;  // one odd day must not be a drift
constexpr double kMostLogR = 200;

std::size_t weekday_of(core::EventTime day) {
  const std::int64_t days = core::floor_to(day, core::days(1)).us / core::days(1).us;
  return static_cast<std::size_t>(((days % 7) + 7) % 7);
}

}  // namespace

void Anchor::day_ended(core::EventTime day, double level) {
  if (!(level > 0)) return;
  const Day ended{day, std::log(level)};
  if (frozen()) weigh(ended);
  days_.push_back(ended);
  if (frozen()) {
    if (days_.size() > kLevelDays) days_.erase(days_.begin());
  } else if (days_.size() == kFrozenDays) {
    freeze();
  }
}

void Anchor::freeze() {
  const double n = static_cast<double>(days_.size());
  std::array<double, 7> mean{}, count{};
  double all = 0;
  for (const Day& day : days_) {
    mean[weekday_of(day.day)] += day.log_level;
    count[weekday_of(day.day)] += 1;
    all += day.log_level / n;
  }
  for (std::size_t w = 0; w < mean.size(); ++w) mean[w] = count[w] > 0 ? mean[w] / count[w] : all;
  const double trust = trust_in_weekdays(mean, count, all);

  // Every day is held against the others: against a mean that it is part of, it would look calmer than days to come.
  double square = 0, product = 0, before = 0;
  for (const Day& day : days_) {
    const std::size_t w = weekday_of(day.day);
    const double others = (all * n - day.log_level) / (n - 1);
    const double peers = count[w] > 1 ? (mean[w] * count[w] - day.log_level) / (count[w] - 1) : others;
    const double error = 1 + (1 - trust) / (n - 1) + trust / std::max(count[w] - 1, 1.0);
    const double residual = (day.log_level - others - trust * (peers - others)) / std::sqrt(error);
    square += residual * residual;
    product += residual * before;
    before = residual;
  }
  correlation_ = square > 0 ? std::clamp(product / square, 0.0, kMostCorrelation) : 0;
  spread_ = std::max(std::sqrt(square / n), kLeastSpread);
  for (std::size_t w = 0; w < weekday_.size(); ++w) weekday_[w] = all + trust * (mean[w] - all);
  since_.fill(days_.back().day);
  days_.clear();
}

// How much of the difference between the weekdays' means is more than chance, 0..1.
double Anchor::trust_in_weekdays(const std::array<double, 7>& mean, const std::array<double, 7>& count,
                                 double all) const {
  double within = 0, between = 0;
  for (const Day& day : days_) {
    const double difference = day.log_level - mean[weekday_of(day.day)];
    within += difference * difference;
  }
  for (std::size_t w = 0; w < mean.size(); ++w) between += count[w] * (mean[w] - all) * (mean[w] - all);
  const double noise = within / static_cast<double>(days_.size() - mean.size());
  return between > 0 ? std::max(0.0, 1 - noise * static_cast<double>(mean.size() - 1) / between) : 0;
}

double Anchor::expected_log(core::EventTime day) const { return weekday_[weekday_of(day)]; }

void Anchor::weigh(const Day& day) {
  const double z = std::min((day.log_level - expected_log(day.day)) / spread_, kMostSpreads);
  const double inflation = (1 + correlation_) / (1 - correlation_);
  for (std::size_t k = 0; k < r_.size(); ++k) {
    if (r_[k] <= 1) since_[k] = day.day;
    const double log_ratio = (kRises[k] * z - kRises[k] * kRises[k] / 2) / inflation;
    r_[k] = std::exp(std::min(std::log(r_[k] + 1) + log_ratio, kMostLogR));
  }
}

double Anchor::log_evidence() const {
  if (!frozen()) return -std::numeric_limits<double>::infinity();
  double sum = 0;
  for (const double r : r_) sum += r / kLanes;
  return std::log(sum);
}

Anchor::Creep Anchor::creep() const {
  const auto lane = static_cast<std::size_t>(std::max_element(r_.begin(), r_.end()) - r_.begin());
  double expected = 0, observed = 0;
  for (const Day& day : days_) {
    expected += std::exp(expected_log(day.day)) / static_cast<double>(days_.size());
    observed += std::exp(day.log_level) / static_cast<double>(days_.size());
  }
  return {expected, observed, since_[lane]};
}

bool Anchor::level_is_back(double effect) const {
  if (!frozen() || days_.empty()) return false;
  const Creep now = creep();
  return now.observed <= now.expected * (1 + effect);
}

void Anchor::save(core::ByteWriter& out) const {
  out.u64(days_.size());
  for (const Day& day : days_) {
    out.i64(day.day.us);
    out.f64(day.log_level);
  }
  for (const double value : weekday_) out.f64(value);
  for (const double value : {spread_, correlation_, told_level_}) out.f64(value);
  for (const double value : r_) out.f64(value);
  for (const core::EventTime time : since_) out.i64(time.us);
}

void Anchor::restore(core::ByteReader& in) {
  days_.resize(in.count(9));
  for (Day& day : days_) {
    day.day = {in.i64()};
    day.log_level = in.f64();
  }
  for (double& value : weekday_) value = in.f64();
  for (double* value : {&spread_, &correlation_, &told_level_}) *value = in.f64();
  for (double& value : r_) value = in.f64();
  for (core::EventTime& time : since_) time = {in.i64()};
}

}  // namespace costdrift::detectors::stats
