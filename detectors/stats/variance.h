// Variance inflation: how much less the values of one series tell than independent ones would.
//
// Calls come in sessions, sizes wander from hour to hour: sums of log likelihood ratios over an hour vary more than
// independent values allow. The mean of the squared standardised hour sums, measured before each hour is learned, is
// the factor by which evidence must be divided to mean what it says.
// Source  detectors/README.md "Dependence"; overdispersion as in quasi-likelihood (McCullagh, Nelder 1989, 4.5).
#pragma once

#include <array>
#include <span>

#include "core/bucket_summary.h"
#include "core/bytes.h"
#include "detectors/stats/lanes.h"

namespace costdrift::detectors::stats {

class VarianceInflation {
 public:
  // `block`: the counts of one hour that the table has not learned. `baseline_calls`: how many calls the table has
  // learned, with those it has forgotten (which overstates dependence where it forgets: 1 + calls / Baseline::kMaxCalls
  // times at most).
  void observe(const LikelihoodTable& table, double baseline_calls, const core::Counts& block);
  // `parts` of one block against the block itself: what calls that are near in time have in common, and nothing of what
  // goes on for longer. An instance takes blocks or parts, not both.
  void observe_parts(const LikelihoodTable& table, std::span<const core::Counts> parts);
  // What is expected before anything was seen: `factor`, as if `blocks` hours had shown it.
  void expect(double factor, double blocks);
  // >= 1, an upper estimate while few blocks were seen.
  double factor() const { return factor_; }
  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  void add(double square, double blocks);
  double estimated() const;

  double blocks_ = 0;   // forgotten at 1/200 a block
  double squares_ = 0;  // sum over blocks of the mean square over lanes
  double factor_ = 1;   // derived: asked for in every bucket
};

// What the evidence of a series whose calls come in runs is divided by at least. The weights of the calls of one run
// sum to less than this (state/run_weight.h). So, however those calls depend on each other, the product of their
// likelihood ratios, each to the power weight / kRunInflation, has mean 1 at most (Hoelder's inequality): a run is
// never worth more than one independent call. Too small to be measured from hours, and a factor in false alarms.
inline constexpr double kRunInflation = 1 / 0.9;

// What to divide the evidence of each lane by: the inflation, and the error of a baseline estimated from
// `baseline_calls` values. An error of z standard errors acts like 2 z^2 ln(A) / (chi^2 N) more inflation over a lane's
// memory; the false alarms are those of unlucky baselines, and z^2 = 1.5 leaves out one in five.
std::array<double, kLanes> lane_inflation(const LikelihoodTable& table, double factor, double baseline_calls,
                                          double log_threshold);

}  // namespace costdrift::detectors::stats
