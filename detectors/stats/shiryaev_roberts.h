// MixtureSr: the mixture Shiryaev-Roberts statistic over kLanes alternatives, fed with buckets.
//
// Operation  for a closed bucket with bin counts n_j and n = sum n_j values:
//              log L_k = sum_j n_j log T[j][k] / phi_k,   R_k = (R_k + n w_k) L_k,   E = mean_k R_k,
//            w the prior of the lanes, with mean 1. mean(R) - n is a martingale under the null, so that a threshold A
//            gives at least A values between false alarms, whatever the distribution. Each lane also carries the mean
//            and the mean square of the age of the change (weighted like R): the change-time estimate and its spread
//            cost nothing.
// Source     Shiryaev 1963, Roberts 1966; Shin, Ramdas, Rinaldo 2022 (mixtures); bucket form: detectors/README.md.
// Units      ages in seconds of event time.
// Limits     R at most 1e100, and one bucket multiplies it by e^80 at most.
// Cost       128 bytes; bench/README.md "The kernel" has the nanoseconds.
#pragma once

#include <array>

#include "core/bucket_summary.h"
#include "core/bytes.h"
#include "core/time.h"
#include "detectors/stats/lanes.h"

namespace costdrift::detectors::stats {

class MixtureSr {
 public:
  // `inflation[k]` >= 1 divides the evidence of lane k (dependence and estimation error, variance.h).
  // `elapsed_s` is the time since the previous bucket ended, `width_s` the width of this bucket.
  void update(const LikelihoodTable& table, const core::Counts& counts, const std::array<double, kLanes>& inflation,
              double elapsed_s, double width_s);
  void reset() { *this = MixtureSr{}; }

  // ln of the mean of the lanes; -inf before the first value.
  double log_evidence() const;
  // Posterior mean and standard deviation of the age of the change.
  struct Age {
    double mean_s = 0, sd_s = 0;
  };
  Age age() const;
  // The lane with the largest R.
  int leading_lane() const;

  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  std::array<double, kLanes> r_{};
  std::array<float, kLanes> age_{};         // weighted mean age, seconds
  std::array<float, kLanes> age_square_{};  // weighted mean square age
};
static_assert(sizeof(MixtureSr) == 128);

// The same recursion for one likelihood ratio: the reverse test that ends an incident.
class SingleSr {
 public:
  void update(double log_likelihood_ratio, double values);
  void reset() { log_r_ = -1e9; }
  double log_evidence() const { return log_r_; }
  void save(core::ByteWriter& out) const { out.f64(log_r_); }
  void restore(core::ByteReader& in) { log_r_ = in.f64(); }

 private:
  double log_r_ = -1e9;
};

}  // namespace costdrift::detectors::stats
