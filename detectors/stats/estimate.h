// Effect estimates: how much a quantity changed between a baseline and the values since the change, with intervals.
//
// Never the difference of raw means: on heavy-tailed token counts it is 4 to 12 times less accurate than fitting the
// baseline's own shape, moved or stretched, to what was seen.
#pragma once

#include "core/bucket_summary.h"

namespace costdrift::detectors::stats {

// A quantity before and after; `low`..`high` is the 80 % interval of `effect`, so `low` is the one-sided 90 % bound.
struct Effect {
  double expected = 0;
  double observed = 0;
  double effect = 0;  // observed / expected - 1
  double low = 0, high = 0;
};

// Maximum likelihood over {baseline + shift, baseline * scale}, shifts and scales upward only; effect on the mean.
// `inflation` >= 1 widens the interval for dependence. Both histograms are of log bins and must not be empty.
Effect fit_growth(const core::Counts& baseline, const core::Counts& since, double inflation);

// Rates hits/trials before and after; Wilson interval of the rate after, widened by `inflation`, over the rate before.
// A baseline without hits counts as half a hit.
Effect fit_rate(double hits_before, double trials_before, double hits_since, double trials_since, double inflation);

// Share of values above `bin_limit`'s bin since the change against before: the evidence for a heavier tail.
Effect fit_exceedance(const core::Counts& baseline, const core::Counts& since, int bin_limit, double inflation);

// The quantile q before and after, with the order-statistics interval of the latter.
Effect fit_quantile(const core::Counts& baseline, const core::Counts& since, double q, double inflation);

// Means of small counts (of log bins) before and after, with the normal interval of both; not for heavy tails.
Effect fit_mean(const core::Counts& baseline, const core::Counts& since, double inflation);

// The value at quantile q (0..1) of a log-bin histogram, 0 when empty; at most 1 % off.
double quantile(const core::Counts& counts, double q);
int quantile_bin(const core::Counts& counts, double q);
// Mean of a log-bin histogram, 0 when empty.
double mean_value(const core::Counts& counts);

}  // namespace costdrift::detectors::stats
