#include "bench/arl_delay/charts.h"

#include <algorithm>
#include <cmath>

namespace costdrift::bench {
namespace {

constexpr double kLevel = 0.05, kSeason = 0.1, kDeviation = 0.005;

}  // namespace

void Standard::learn(std::span<const Call> history) {
  double sum = 0, square = 0;
  for (const Call& call : history) sum += call.value;
  mean_ = sum / static_cast<double>(history.size());
  for (const Call& call : history) square += (call.value - mean_) * (call.value - mean_);
  sd_ = std::sqrt(std::max(square / static_cast<double>(history.size()), 1e-30));
}

void Ewma::learn(std::span<const Call> history) {
  standard_.learn(history);
  level_ = 0;
}

void PageHinkley::learn(std::span<const Call> history) {
  standard_.learn(history);
  mean_ = sum_ = 0;
  count_ = static_cast<double>(history.size());
}

double PageHinkley::step(const Call& call) {
  const double value = standard_(call.value);
  mean_ += (value - mean_) / ++count_;
  sum_ = std::max(0.0, sum_ + value - mean_ - tolerance_);
  return sum_;
}

void HoltWinters::learn(std::span<const Call> history) {
  standard_.learn(history);
  season_.assign(kSlots, 0);
  slot_ = 0;
  filled_ = 0;
  open_ = level_ = residual_ = 0;
  deviation_ = 1 / std::sqrt(static_cast<double>(slot_calls_));
  for (const Call& call : history) step(call);
}

double HoltWinters::step(const Call& call) {
  open_ += standard_(call.value);
  if (++filled_ < slot_calls_) return residual_;
  residual_ = slot_ended(open_ / slot_calls_);
  open_ = 0;
  filled_ = 0;
  return residual_;
}

double HoltWinters::slot_ended(double value) {
  double& season = season_[slot_];
  slot_ = (slot_ + 1) % kSlots;
  const double error = value - level_ - season;
  const double residual = error / deviation_;
  // Huberised: one slot of a heavy tail must not blind the rule for a day.
  const double size = std::min(std::abs(error) * 1.2533, 4 * deviation_);
  deviation_ += kDeviation * (size - deviation_);
  level_ += kLevel * error;
  season += kSeason * (value - level_ - season);
  return residual;
}

}  // namespace costdrift::bench
