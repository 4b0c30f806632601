// ExpectedCells: what the calls of every cell should amount to, by what such calls amounted to before.
#pragma once

#include <vector>

#include "detectors/stats/attribution.h"

namespace costdrift::detectors::stats {

// One cell with the fitted expectation.
struct ExpectedCell {
  const core::AttributeSet* values = nullptr;
  CellChange seen;
  double mean = 0;  // expected amount of one call
};

// Multiplicative main effects by backfitting, shrunk towards one, then the cell's own mean, shrunk towards those.
// Where no call amounted to anything before, all are expected to amount to as if half a call had been like those of now.
// In the order of `cells`; empty when no call was seen before, or none amounts to anything.
std::vector<ExpectedCell> expect_cells(const std::map<core::AttributeSet, CellChange>& cells);

// Variance of one call's amount over its squared mean, robust against the cells that did change.
double estimate_dispersion(const std::vector<ExpectedCell>& cells);

}  // namespace costdrift::detectors::stats
