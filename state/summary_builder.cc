#include "state/summary_builder.h"

#include <algorithm>

namespace costdrift::state {

void SummaryBuilder::add(MetricIndex metric, std::int16_t bin, core::Weight weight) {
  if (weight > 0) added_.push_back({metric, bin, weight});
}

void SummaryBuilder::add(const core::RunTransition& transition) {
  struct Context {
    SummaryBuilder* builder;
    MetricIndex metric;
  };
  for (std::size_t i = 0; i < metrics_.size(); ++i) {
    if (!metrics_[i].observe_run) continue;
    Context context{this, static_cast<MetricIndex>(i)};
    const auto count = [](void* where, std::int16_t bin, std::int32_t times) {
      const auto& to = *static_cast<Context*>(where);
      to.builder->add(to.metric, bin, core::Weight{times} * core::kOneCall);
    };
    metrics_[i].observe_run(transition, count, &context);
  }
}

core::RunDelta& SummaryBuilder::run(std::uint64_t run) {
  core::RunDelta& delta = summary_.runs[run];
  delta.run = run;
  return delta;
}

void SummaryBuilder::finish() {
  std::sort(added_.begin(), added_.end());
  for (std::size_t i = 0; i < added_.size();) {
    const MetricIndex metric = added_[i].metric;
    core::Counts counts;
    for (; i < added_.size() && added_[i].metric == metric; ++i) {
      if (!counts.empty() && counts.back().bin == added_[i].bin)
        counts.back().weight += added_[i].weight;
      else
        counts.push_back({added_[i].bin, added_[i].weight});
    }
    core::merge_counts(summary_.metrics[std::string(metrics_[metric].name)], counts);
  }
  added_.clear();
}

}  // namespace costdrift::state
