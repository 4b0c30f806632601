// Variance inflation: how much less the values of one series tell than independent ones would.
//
// Calls come in sessions, sizes wander from hour to hour: sums of log likelihood ratios over an hour vary more than
// independent values allow. The mean of the squared standardised hour sums, measured before each hour is learned, is
// the factor by which evidence must be divided to mean what it says.
// Source  detectors/README.md "Dependence"; overdispersion as in quasi-likelihood (McCullagh, Nelder 1989, 4.5).
#pragma once

#include <array>

#include "core/bucket_summary.h"
#include "core/bytes.h"
#include "detectors/stats/lanes.h"

namespace costdrift::detectors::stats {

class VarianceInflation {
 public:
  // `block`: the counts of one hour that the table has not learned.
  void observe(const LikelihoodTable& table, const core::Counts& block);
  // >= 1, an upper estimate while few blocks were seen.
  double factor() const;
  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  double blocks_ = 0;   // forgotten at 1/200 a block
  double squares_ = 0;  // sum over blocks of the mean square over lanes
};

// What to divide the evidence of each lane by: the inflation, and the error of a baseline estimated from
// `baseline_calls` values, which acts like 2 ln(A) / (chi^2 N) more of it over a lane's memory.
std::array<double, kLanes> lane_inflation(const LikelihoodTable& table, double factor, double baseline_calls,
                                          double log_threshold);

}  // namespace costdrift::detectors::stats
