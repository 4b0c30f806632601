// SummaryBuilder: a closed summary that observations of runs are still added to.
#pragma once

#include <span>
#include <vector>

#include "core/bucket_summary.h"
#include "state/accumulator.h"

namespace costdrift::state {

class SummaryBuilder {
 public:
  SummaryBuilder(std::span<const core::MetricSpec> metrics, core::BucketSummary& summary)
      : metrics_(metrics), summary_(summary) {}

  void add(MetricIndex metric, std::int16_t bin, core::Weight weight);
  // Lets every metric of runs observe the transition.
  void add(const core::RunTransition& transition);
  core::RunDelta& run(std::uint64_t run);
  std::span<const core::MetricSpec> metrics() const { return metrics_; }
  // Puts what was added into the summary. Nothing is there before.
  void finish();

 private:
  struct Weighted {
    MetricIndex metric = 0;
    std::int16_t bin = 0;
    core::Weight weight = 0;
    auto operator<=>(const Weighted&) const = default;
  };
  std::span<const core::MetricSpec> metrics_;
  core::BucketSummary& summary_;
  std::vector<Weighted> added_;
};

}  // namespace costdrift::state
