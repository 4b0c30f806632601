// The split of an excess in dollars by cause: volume, price, mix, input, output, cache, retry, steps.
//
// Operation  The bill of an interval is work x steps x retries x (input tokens x price + output tokens x price), where
//            the price of input tokens falls with the share read from the cache, and tokens and prices are those of the
//            models in their mix. The change of that bill between baseline and now is split exactly (stats/split.h):
//            bill_parts(). Whoever measured the excess of the whole bill deals it out in these proportions:
//            split_whole(). Whoever measured one cause keeps that amount for its own part, because the estimate is
//            better than a difference of two bills; what the bill rose by beyond it goes to those other parts that
//            rose by more than noise: split_cause().
// Limits     the mix is seen only where totals by model are given. A cause with the other sign (savings) takes nothing
//            away from an excess.
// Threads    pure functions.
#pragma once

#include "core/bucket_summary.h"
#include "core/finding.h"

namespace costdrift::detectors {

struct BillChange {
  const core::Totals& before;
  const core::Totals& after;
  // Work after over work before: 1 for a change per call, where volume is no part of the excess.
  double volume_ratio = 1;
  // Steps per agent run after over before, where the excess is of whole runs.
  double steps_ratio = 1;
  // Totals by model, for the mix; null: one model.
  const std::map<std::string, core::AttributeTotals>* models_before = nullptr;
  const std::map<std::string, core::AttributeTotals>* models_after = nullptr;
};

// The parts of the change of the bill, in dollars of the interval `after`; they add up to its cost minus what the same
// work (less volume_ratio and steps_ratio) cost before. All zero where one of the bills is unknown or zero.
std::array<double, core::kCostParts> bill_parts(const BillChange& change);

// `excess` of the whole bill, in proportion of the parts that rose; adds up to it exactly. `otherwise` gets all of it
// when the bills say nothing.
core::CostSplit split_whole(core::NanoUsd excess, const BillChange& change, core::CostPart otherwise);

// `excess` for the part `own`, and what else made the bill larger. A part that is less than `noise` of the bill says
// nothing, and neither does a rest of more than four times `excess`: it is another story, and has its
// own detector. Adds up to at
// least `excess` (the total is what the drift costs), and to no more than the bill rose by where that is more.
core::CostSplit split_cause(core::NanoUsd excess, core::CostPart own, const BillChange& change, double noise);

core::NanoUsd total(const core::CostSplit& split);

}  // namespace costdrift::detectors
