// Hull: how well counts are explained by any mixture of a series' known shapes, and by any mixture of their transforms.
//
// Real traffic shows several shapes in turn (a batch job, a chat, a weekend). "Any mixture of the shapes already seen"
// is the null; a lane is the same mixture with every shape moved, stretched or tilted: a prompt that grew carries every
// shape to a place where none has been, a change of the mix does not. Mixture weights are maximum likelihood by EM with
// a fixed number of steps from equal weights: the same counts give the same doubles.
// Units   shapes and counts are core::Counts in the metric's own bins; log bins are compared in pairs (4 % wide).
// Limits  both sides are fitted, so the gain is a generalised likelihood ratio, not an e-value: callers halve it.
//         At least one shape; shapes and counts must not be empty.
// Source  EM: Dempster, Laird, Rubin 1977.
#pragma once

#include <vector>

#include "core/bucket_summary.h"
#include "detectors/stats/lanes.h"

namespace costdrift::detectors::stats {

struct MixtureFit {
  double log_likelihood = 0;
  std::vector<double> weights;  // per shape, adds up to 1
};

struct LaneFit {
  double gain = 0;              // log-likelihood beyond that of the null
  double ratio = 1;             // mean of the metric (harm share of categories) under the lane / without it
  std::vector<double> weights;  // per shape
};

struct HullFit {
  MixtureFit null;
  std::vector<LaneFit> lanes;  // as hull_lanes()
};

using Shapes = std::vector<const core::Counts*>;

// Every lane of the family is a shift or a scale: values grow, and means of values say by how much.
bool moves_values(const LaneFamily& family);
// The alternatives: for families that only move values a wide set of scales and shifts, otherwise the family's own.
std::vector<Lane> hull_lanes(const LaneFamily& family);

// The log-likelihood of the counts under a model of their own, each call left out of the model it is judged by: what a
// shape of its own would explain, without the reward for fitting its own noise.
double own_log_likelihood(const LaneFamily& family, const core::Counts& counts);

HullFit fit_hull(const LaneFamily& family, const Shapes& shapes, const core::Counts& seen);
MixtureFit fit_mixture(const LaneFamily& family, const Shapes& shapes, const core::Counts& seen);

}  // namespace costdrift::detectors::stats
