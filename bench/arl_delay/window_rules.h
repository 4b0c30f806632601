// Rules on the mean of the last five minutes, looked at once a minute: a static threshold, and the z-score of
// Prometheus recipes (avg_over_time, stddev_over_time of a recorded 5-minute mean; GitLab's uses a week).
#pragma once

#include <vector>

#include "bench/arl_delay/method.h"

namespace costdrift::bench {

// The statistic is the mean itself.
class WindowMean final : public Method {
 public:
  explicit WindowMean(int calls_per_minute) : minute_(calls_per_minute) {}
  void learn(std::span<const Call> history) override;
  double step(const Call& call) override;

 private:
  int minute_;
  std::vector<double> minutes_;  // sums of the last five
  double open_ = 0;              // of the minute that is being filled
  int filled_ = 0;
  double mean_ = 0;
};

// How many standard deviations the mean lies above the mean of its own values of the last `minutes`.
class ZScore final : public Method {
 public:
  ZScore(int calls_per_minute, int minutes)
      : mean_(calls_per_minute), minute_(calls_per_minute), length_(static_cast<std::size_t>(minutes)) {}
  void learn(std::span<const Call> history) override;
  double step(const Call& call) override;

 private:
  double look(double value);
  WindowMean mean_;
  int minute_;
  std::size_t length_;
  std::vector<double> past_;
  std::size_t next_ = 0;
  double sum_ = 0, square_ = 0;
  double center_ = 0;  // subtracted before squaring
  int filled_ = 0;
  double score_ = 0;
};

}  // namespace costdrift::bench
