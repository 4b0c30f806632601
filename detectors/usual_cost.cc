#include "detectors/usual_cost.h"

#include <algorithm>

namespace costdrift::detectors {
namespace {

// What `since` has of a kind of dollars beyond the mean call of `before`, in dollars.
double beyond(core::NanoUsd before, core::NanoUsd since, const core::Totals& totals_before,
              const core::Totals& totals_since) {
  const double usual = core::to_usd(before) / static_cast<double>(std::max<std::int64_t>(1, totals_before.calls));
  return core::to_usd(since) - usual * static_cast<double>(totals_since.calls);
}

}  // namespace

core::NanoUsd beyond_usual_cost(const core::Totals& before, const core::Totals& since) {
  return core::from_usd(std::max(0.0, beyond(before.cost, since.cost, before, since)));
}

core::CostPart dearer_part(const core::Totals& before, const core::Totals& since) {
  const double input = beyond(before.input_cost, since.input_cost, before, since);
  const double output = beyond(before.output_cost, since.output_cost, before, since);
  return input > output ? core::CostPart::input : core::CostPart::output;
}

}  // namespace costdrift::detectors
