// KnownDrift: what the calls of a drift that is latched look like, and evidence that something else came on top of it.
//
// Operation  the estimate of a latch is that of all calls since its onset, in which a new drift drowns for hours. So the
//            calls are also weighed against those since the onset themselves, by the same lanes as against a baseline.
// Memory     16 doubles, and the counts of one histogram in the model part.
#pragma once

#include "core/bucket_summary.h"
#include "core/bytes.h"
#include "detectors/stats/lanes.h"
#include "detectors/stats/shiryaev_roberts.h"

namespace costdrift::detectors {

class KnownDrift {
 public:
  static constexpr double kMinCalls = 100;

  // The calls since the onset; fewer than kMinCalls say too little to judge by.
  void learn(const core::Counts& since, const stats::LaneFamily& family);
  // As MixtureSr::update; `inflation` >= 1 and `log_threshold` as in stats::lane_inflation(). Nothing before learn().
  void update(const core::Counts& counts, double inflation, double log_threshold, double elapsed_s, double width_s);
  const stats::MixtureSr& lanes() const { return lanes_; }
  void forget_evidence() { lanes_.reset(); }

  void save_lanes(core::ByteWriter& out) const { lanes_.save(out); }
  void restore_lanes(core::ByteReader& in) { lanes_.restore(in); }
  void save_counts(core::ByteWriter& out) const;
  void restore_counts(core::ByteReader& in, const stats::LaneFamily& family);

 private:
  core::Counts counts_;           // empty: nothing learned
  stats::LikelihoodTable table_;  // derived from counts_
  stats::MixtureSr lanes_;
};

}  // namespace costdrift::detectors
