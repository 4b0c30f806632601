#include "detectors/known_drift.h"

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

void KnownDrift::save_counts(core::ByteWriter& out) const {
  out.u64(counts_.size());
  for (const core::BinCount& item : counts_) {
    out.i64(item.bin);
    out.i64(item.weight);
  }
}

void KnownDrift::restore_counts(core::ByteReader& in, const stats::LaneFamily& family) {
  counts_.resize(in.count(2));
  for (core::BinCount& item : counts_) {
    item.bin = static_cast<std::int16_t>(in.i64());
    item.weight = in.i64();
  }
  if (!in.failed() && !counts_.empty()) table_ = stats::build_table(family, counts_);
}

}  // namespace costdrift::detectors
