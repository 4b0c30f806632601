// attribute: which value of which dimension makes a quantity larger than it was.
//
// Operation  Calls are counted in cells, one for every tuple of values. What a cell's calls should amount to is fitted
//            on the past: main effects of every value, shrunk, then the cell's own mean where it has enough calls. For
//            every value three questions, each answered in nats of log likelihood ratio:
//              rate    do its calls amount to more than such calls did?   z^2 / (2 var)
//              volume  are there more of its calls?                       (n ln(n/e) - n + e) / (1 + r)
//              mix     did its calls move along the mix dimension?        multinomial G, less (M-1)/2
//            each less ln K, K being the number of values of the dimension. "Everything changed alike" is a candidate
//            too, without that price. The largest wins; but a value that hardly any call had and nearly all have now is
//            named rather than everything: the two cannot be told apart, and its coming would be a coincidence. Then
//            the question is asked again of the calls that are left. Because expectations are those of the cells, a
//            value is not blamed for whom it comes together with.
// Source     Bhagwan et al., "Adtributor", NSDI 2014, for the problem; the evidence is that of Poisson and normal
//            tests.
// Limits     a cell with no past is expected to be what its known values make it. Nothing is said when no value
//            explains at least half of the excess, or when everything changed alike.
// Threads    pure functions; deterministic (cells are read in order of their values).
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "core/bucket_summary.h"
#include "core/finding.h"

namespace costdrift::detectors::stats {

// Calls of one tuple of values and what they amount to (tokens, dollars, retries: the caller's quantity).
struct CellChange {
  double calls_before = 0, amount_before = 0;
  double calls_after = 0, amount_after = 0;
};

struct AttributionInput {
  std::map<core::AttributeSet, CellChange> cells;
  // Calls expected now for one call then: the ratio of the durations; nullopt: the question is per call, and only who
  // makes the calls may have changed.
  std::optional<double> calls_ratio;
  // Variance of one call's amount over the square of its mean; nullopt: estimated from the cells.
  std::optional<double> dispersion;
  // The dimension along which calls may move; no cell has it: no mix.
  core::Dimension mix_dimension = core::Dimension::model;
};

struct Cause {
  core::Driver driver;  // share: of the excess of all cells, 0..1
  double evidence = 0;  // nats
};

// The causes, the largest first, at most two; empty: no value explains it.
std::vector<Cause> attribute(const AttributionInput& input);

}  // namespace costdrift::detectors::stats
