// Seasonal path: a level that follows a weekly profile, judged step by step of 1 minute or longer.
//
//   y_t = ln(value of step t) = s(slot of t) + a_t + noise,   a_t an AR(1) process, noise of variance v_t
//   s: week_profile.h; v_t = v0 + v1 exp(-s)
//
// SeasonalModel::fit() learns all of it from whole weeks of history: the shape of the profile that foretells a week
// best from the others (the error of a profile is noise too, and a week has many slots), and what describes the
// residuals (phi, sa2, slow) from such residuals, because those of its own week look too small. SeasonalSr takes one
// step at a time: an AR(1) Kalman filter turns it into an innovation, a dead-band takes off what the slow wandering of
// levels explains, and eight Shiryaev-Roberts lanes collect evidence for a rise.
// Floor    The logarithm of less than `floor` says nothing. Where less is usual, `floor` is taken for usual, and steps
//          up to it are not judged: only more than that counts.
// Source   Kalman 1960; Shiryaev 1963, Roberts 1966. A threshold A on the evidence gives at least A steps between
//          false alarms as far as the model holds.
// Units    steps since 1970 (UTC); ln of any unit. NaN: no value for this step.
// Limits   kMinWeeks weeks at least; slots without a value in any week have no profile and are not judged.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "core/bytes.h"
#include "detectors/stats/week_profile.h"

namespace costdrift::detectors::stats {

inline constexpr int kMinWeeks = 2;
inline constexpr int kSeasonalLanes = 8;
// Tilts of the lanes, in standard deviations.
inline constexpr std::array<double, kSeasonalLanes> kSeasonalTilts = {.1, .18, .3, .45, .7, 1.1, 1.8, 3};

struct SeasonalModel {
  WeekProfile profile;
  double floor = 0;
  double phi = 0, sa2 = 0;  // of the AR(1) process: correlation from step to step, variance
  double v0 = 0, v1 = 0;    // noise
  double slow = 0;          // standard deviation of levels over 6 h beyond what AR(1) and noise explain
  std::array<double, kSeasonalLanes> psi{};
  // The highest evidence in six hours of history: its 60 % quantile, the mean excess over it, how often it is exceeded.
  double tail_start = 0, tail_excess = 0, tail_share = 0;

  // `values[i]` belongs to step first_step + i. nullopt: fewer than kMinWeeks whole weeks, or a constant.
  static std::optional<SeasonalModel> fit(std::span<const double> values, std::int64_t first_step, WeekGrid grid = {},
                                          double floor = 0);
  double level(std::int64_t step) const { return std::max(profile.at(step), floor); }
  bool judges(double value, std::int64_t step) const;
  // How long values have to be higher by `shift` until the evidence reaches log_threshold: mean over the slots of the
  // week with a profile, each counted with a week at most.
  double minutes_to_find(double shift, double log_threshold) const;
  double noise(double level) const;
  // The evidence that is exceeded at most so often a week: by the martingale bound, or by the tail of the history's own
  // maxima where that is higher.
  double log_threshold(double false_alarms_per_week) const;
  // Variance of the mean of `steps` residuals.
  double variance_of_mean(double level, double steps) const;
  void save(core::ByteWriter& out) const;
  [[nodiscard]] bool restore(core::ByteReader& in);
};

class SeasonalSr {
 public:
  // One step; where the model does not judge the value, time passes and nothing is learned. Returns the innovation in
  // standard deviations (0 when there is none).
  double update(const SeasonalModel& model, double value, std::int64_t step);
  // ln of the mean of the lanes; -inf at the start.
  double log_evidence() const;
  // Posterior mean and standard deviation of the age of the change, in steps.
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
    double r = 0, age = 0, age_square = 0;
  };
  std::array<Lane, kSeasonalLanes> lanes_;
  double level_ = 0;      // filtered AR(1) state
  double variance_ = -1;  // of it; negative: not started
};

}  // namespace costdrift::detectors::stats
