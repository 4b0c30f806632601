// Seasonal path: a level that follows a weekly profile, judged minute by minute.
//
//   y_t = ln(value of minute t) = s(slot of t) + a_t + noise,   a_t an AR(1) process, noise of variance v_t
//   s: 672 slots of 15 minutes, the median over the weeks, smoothed over neighbours, interpolated within a slot's
//      halves but never across a jump of more than 0.25; v_t = v0 + v1 exp(-s)
//
// SeasonalModel::fit() learns all of it from whole weeks of history; what describes the residuals (phi, sa2, slow) is
// fitted on residuals from the profile of the other weeks, because those of its own week look too small. SeasonalSr
// takes one minute at a time: an AR(1) Kalman filter turns it into an innovation, a dead-band takes off what the slow
// wandering of levels explains, and eight Shiryaev-Roberts lanes collect evidence for a rise.
// Source   Kalman 1960; Shiryaev 1963, Roberts 1966. A threshold A on the evidence gives at least A minutes between
//          false alarms as far as the model holds.
// Units    minutes since 1970 (UTC); ln of any unit. NaN: no value for this minute.
// Limits   kMinWeeks weeks at least; slots without a value in any week have no profile and are not judged.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/bytes.h"

namespace costdrift::detectors::stats {

inline constexpr std::int64_t kMinutesPerWeek = 7 * 24 * 60;
inline constexpr int kWeekSlots = 672;
inline constexpr int kMinWeeks = 2;
inline constexpr int kSeasonalLanes = 8;
// Tilts of the lanes, in standard deviations.
inline constexpr std::array<double, kSeasonalLanes> kSeasonalTilts = {.1, .18, .3, .45, .7, 1.1, 1.8, 3};

using WeekProfile = std::array<double, kWeekSlots>;  // NaN: the slot was never seen

// The profile in the middle of minute `minute`.
double profile_at(const WeekProfile& profile, std::int64_t minute);

struct SeasonalModel {
  WeekProfile profile{};
  double phi = 0, sa2 = 0;  // of the AR(1) process: lag-one correlation, variance
  double v0 = 0, v1 = 0;    // noise
  double slow = 0;          // standard deviation of levels over 6 h beyond what AR(1) and noise explain
  std::array<double, kSeasonalLanes> psi{};
  // The highest evidence in six hours of history: its 60 % quantile, the mean excess over it, how often it is exceeded.
  double tail_start = 0, tail_excess = 0, tail_share = 0;

  // `values[i]` belongs to minute first_minute + i. nullopt: fewer than kMinWeeks whole weeks, or a constant.
  static std::optional<SeasonalModel> fit(std::span<const double> values, std::int64_t first_minute);
  double noise(double level) const;
  // The evidence that is exceeded at most so often a week: by the martingale bound, or by the tail of the history's own
  // maxima where that is higher.
  double log_threshold(double false_alarms_per_week) const;
  // Variance of the mean of `minutes` residuals.
  double variance_of_mean(double level, double minutes) const;
  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);
};

class SeasonalSr {
 public:
  // One minute; NaN, or a slot without a profile: time passes, nothing is learned. Returns the innovation in standard
  // deviations (0 when there is none).
  double update(const SeasonalModel& model, double value, std::int64_t minute);
  // ln of the mean of the lanes; -inf at the start.
  double log_evidence() const;
  // Posterior mean and standard deviation of the age of the change, in minutes.
  struct Age {
    double mean = 0, sd = 0;
  };
  Age age() const;
  void reset_evidence();
  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  double innovation(const SeasonalModel& model, double residual, double noise, double& dead_band);

  struct Lane {
    double log_r = -1e9, age = 0, age_square = 0;
  };
  std::array<Lane, kSeasonalLanes> lanes_;
  double level_ = 0;      // filtered AR(1) state
  double variance_ = -1;  // of it; negative: not started
};

}  // namespace costdrift::detectors::stats
