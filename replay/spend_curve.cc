#include "replay/spend_curve.h"

#include <algorithm>

#include "replay/gathered.h"

namespace costdrift::replay {
namespace {

constexpr std::string_view kSpendRows = "spend";

}  // namespace

void SpendCurve::on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                           std::span<const daemon::JudgeStanding>) {
  if (series.kind() != core::SeriesKind::app_model) return;
  const core::Totals& totals = bucket.summary->totals;
  const core::EventTime hour = core::floor_to(bucket.start, core::hours(1));
  unsaved_ = std::min(unsaved_, hour);
  for (Hour* at : {&total_[hour], &by_app_[series.label(core::Dimension::app)][hour]}) {
    at->cost += totals.cost;
    at->calls += totals.calls;
  }
}

void SpendCurve::save(state::Store& store) {
  for (const auto& [app, curve] : by_app_) {
    for (auto hour = curve.lower_bound(unsaved_); hour != curve.end(); ++hour) {
      core::ByteWriter out = gathered_value();
      out.i64(hour->second.cost.nano);
      out.i64(hour->second.calls);
      store.put(state::KeySpace::report, gathered_key(kSpendRows).time(hour->first).rest(app).take(), out.take());
    }
  }
  unsaved_ = core::EventTime::max();
}

bool SpendCurve::load(const state::Store& store) {
  return read_gathered(store, kSpendRows, [this](state::OrderedKeyReader& key, core::ByteReader& in) {
    const core::EventTime hour = key.time();
    const Hour of_app{.cost = {in.i64()}, .calls = in.i64()};
    by_app_[std::string(key.rest())][hour] = of_app;
    total_[hour].cost += of_app.cost;
    total_[hour].calls += of_app.calls;
    return true;
  });
}

}  // namespace costdrift::replay
