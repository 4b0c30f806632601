#include "detectors/known_drift.h"

#include "core/counts_record.h"
#include "detectors/stats/variance.h"

namespace costdrift::detectors {

void KnownDrift::learn(const core::Counts& since, const stats::LaneFamily& family) {
  if (core::total_calls(since) < kMinCalls) return;
  counts_ = since;
  table_ = stats::build_table(family, counts_);
}

void KnownDrift::update(const core::Counts& counts, double inflation, double log_threshold, double elapsed_s,
                        double width_s) {
  if (counts_.empty()) return;
  const auto of_lanes = stats::lane_inflation(table_, inflation, core::total_calls(counts_), log_threshold);
  lanes_.update(table_, counts, of_lanes, elapsed_s, width_s);
}

void KnownDrift::save_counts(core::ByteWriter& out) const { core::save_counts(out, counts_); }

void KnownDrift::restore_counts(core::ByteReader& in, const stats::LaneFamily& family) {
  counts_ = core::restore_counts(in);
  if (!in.failed() && !counts_.empty()) table_ = stats::build_table(family, counts_);
}

}  // namespace costdrift::detectors
