#include "detectors/drift_measure.h"

#include <algorithm>
#include <cmath>

#include "core/log_bins.h"

namespace costdrift::detectors {
namespace {

constexpr double kPhi = 2;       // what modes leave unexplained (measured on real traffic)
constexpr double kZ90 = 1.2816;  // one-sided 90 %

double standard_error(const core::Counts& counts, double mean) {
  double n = 0, square = 0;
  for (const auto& item : counts) {
    const double calls = static_cast<double>(item.weight) / core::kOneCall;
    const double value = core::log_bin_value(item.bin);
    n += calls;
    square += calls * (value - mean) * (value - mean);
  }
  return std::sqrt(kPhi * square / std::max(n, 1.0) / std::max(n, 1.0));
}

Measured by_means(const DriftModel& model, double expected, const core::BucketSummary& since) {
  const core::Counts& counts = since.counts(model.metric);
  Measured measured;
  const double observed = stats::mean_value(counts);
  const double half = kZ90 * standard_error(counts, observed) / expected;
  const double effect = observed / expected - 1;
  measured.effect = {expected, observed, effect, effect - half, effect + half};
  measured.harm_low = measured.effect.low;
  measured.money_known = since.totals.unpriced_calls < since.totals.calls;
  const core::CostPart part = model.symptom ? core::CostPart::volume : model.cost_part;
  measured.excess = core::from_usd(core::to_usd(at_stake(part, since.totals)) * std::max(0.0, effect) / (1 + effect));
  return measured;
}

}  // namespace

Measured measure_drift(const DriftModel& model, const Baseline& baseline, const ModeWatch& watch, DriftKind kind,
                       double usual_mean, const core::BucketSummary& since) {
  const core::Counts& counts = since.counts(model.metric);
  const bool means_say_it = stats::moves_values(model.family);
  if (kind == DriftKind::level && means_say_it) return by_means(model, usual_mean, since);
  if (kind == DriftKind::crept && means_say_it) {
    Measured measured = by_means(model, usual_mean, since);
    measured.note =
        "it crept up over days: expected is what the series was before, the money that of the last two days";
    return measured;
  }
  if (kind == DriftKind::unseen && means_say_it) {
    const double expected = watch.null_mean(counts);
    if (expected > 0) return by_means(model, expected, since);
  }
  if (!watch.several()) return model.measure(baseline, since, baseline.inflation());
  const Baseline without = baseline.with_counts(watch.without_drift(counts).counts, model.family.log_bins);
  return model.measure(without, since, kPhi);
}

}  // namespace costdrift::detectors
