// Control charts on values standardised by the mean and the standard deviation of the history.
#pragma once

#include <vector>

#include "bench/arl_delay/method.h"

namespace costdrift::bench {

// (value - mean) / sd with mean and sd of a history.
class Standard {
 public:
  void learn(std::span<const Call> history);
  double operator()(double value) const { return (value - mean_) / sd_; }

 private:
  double mean_ = 0, sd_ = 1;
};

// Exponentially weighted moving average (Roberts 1959).
class Ewma final : public Method {
 public:
  explicit Ewma(double weight) : weight_(weight) {}
  void learn(std::span<const Call> history) override;
  double step(const Call& call) override { return level_ += weight_ * (standard_(call.value) - level_); }

 private:
  double weight_;
  Standard standard_;
  double level_ = 0;
};

// Page-Hinkley: sum of (value - mean so far - tolerance), floored at 0 (Page 1954; Hinkley 1971; as in river, where
// the mean keeps learning).
class PageHinkley final : public Method {
 public:
  explicit PageHinkley(double tolerance) : tolerance_(tolerance) {}
  void learn(std::span<const Call> history) override;
  double step(const Call& call) override;

 private:
  double tolerance_;
  Standard standard_;
  double mean_ = 0;
  double count_ = 0;
  double sum_ = 0;
};

// Holt-Winters, additive, on 5-minute means with a period of a day (Winters 1960): the one-step-ahead residual over its
// running standard deviation. Level 0.05, no trend, season 0.1: a level that follows within hours.
class HoltWinters final : public Method {
 public:
  explicit HoltWinters(int calls_per_minute) : slot_calls_(5 * calls_per_minute) {}
  void learn(std::span<const Call> history) override;
  double step(const Call& call) override;

 private:
  static constexpr std::size_t kSlots = 288;
  double slot_ended(double value);
  int slot_calls_;
  Standard standard_;
  std::vector<double> season_;
  std::size_t slot_ = 0;
  double open_ = 0;
  int filled_ = 0;
  double level_ = 0, deviation_ = 1, residual_ = 0;
};

}  // namespace costdrift::bench
