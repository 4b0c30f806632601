#include "replay/spend_curve.h"

namespace costdrift::replay {

void SpendCurve::on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                           std::span<const daemon::JudgeStanding>) {
  if (series.kind() != core::SeriesKind::app_model) return;
  const core::Totals& totals = bucket.summary->totals;
  const core::EventTime hour = core::floor_to(bucket.start, core::hours(1));
  for (Hour* at : {&total_[hour], &by_app_[series.label(core::Dimension::app)][hour]}) {
    at->cost += totals.cost;
    at->calls += totals.calls;
  }
}

}  // namespace costdrift::replay
