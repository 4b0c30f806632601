// SpendStream: minutes of spend of a busy application: a daily and a weekly pattern, slow
// AR(1) wandering (correlation 0.9 a minute, standard deviation 0.10), days that differ by 3 %, and a Poisson number of
// calls whose costs are log-normal.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/support/random.h"

namespace costdrift::tests {

class SpendStream {
 public:
  static constexpr double kMemory = 0.9, kWander = 0.10;

  SpendStream(std::uint64_t seed, double calls_per_minute)
      : random_(seed), calls_per_minute_(calls_per_minute), wander_(kWander * random_.normal()) {}

  struct Minute {
    std::int64_t calls = 0;
    double cost = 0;  // in calls of mean cost
  };
  // The next minute, with `factor` times the usual calls. Minute 0 is a Thursday 00:00, as in 1970.
  Minute next(double factor = 1) {
    wander_ = kMemory * wander_ + std::sqrt(1 - kMemory * kMemory) * kWander * random_.normal();
    if (minute_ % 1440 == 0) day_ = 0.03 * random_.normal();
    const double rate = calls_per_minute_ * factor * std::exp(season(minute_) + wander_ + day_);
    ++minute_;
    Minute made;
    made.calls = poisson(rate);
    const auto n = static_cast<double>(made.calls);
    if (made.calls >= 60) {
      // The sum of many log-normal costs is nearly log-normal.
      const double variance = std::log1p((std::exp(1.0) - 1) / n);
      made.cost = n * std::exp(-variance / 2 + std::sqrt(variance) * random_.normal());
    } else {
      for (std::int64_t i = 0; i < made.calls; ++i) made.cost += std::exp(-0.5 + random_.normal());
    }
    return made;
  }
  std::int64_t minute() const { return minute_; }

  static double season(std::int64_t minute) {
    const double day = static_cast<double>(minute % 1440) / 1440 * 6.283185307;
    const bool weekend = minute / 1440 % 7 == 2 || minute / 1440 % 7 == 3;
    return 0.8 * std::sin(day - 1.9) + 0.25 * std::sin(2 * day + 0.4) + (weekend ? -0.9 : 0);
  }

 private:
  std::int64_t poisson(double mean) {
    if (mean > 50) return std::max<std::int64_t>(0, std::llround(mean + std::sqrt(mean) * random_.normal()));
    std::int64_t count = 0;
    for (double product = random_.uniform(); product > std::exp(-mean); product *= random_.uniform()) ++count;
    return count;
  }

  Random random_;
  double calls_per_minute_, wander_, day_ = 0;
  std::int64_t minute_ = 0;
};

}  // namespace costdrift::tests
