#include "detectors/drivers.h"

#include <algorithm>

#include "detectors/stats/attribution.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kPast = core::days(7);

double amount(const core::AttributeTotals& totals, core::CostPart part) {
  switch (part) {
    case core::CostPart::input:
      return static_cast<double>(totals.input_tokens);
    case core::CostPart::output:
      return static_cast<double>(totals.output_tokens);
    case core::CostPart::cache:
      return static_cast<double>(totals.input_tokens - totals.cache_read_tokens);
    case core::CostPart::retry:
      return static_cast<double>(totals.retries);
    case core::CostPart::volume:
    case core::CostPart::price:
    case core::CostPart::mix:
    case core::CostPart::steps:
      return core::to_usd(totals.cost);
  }
  core::bug("CostPart out of range");
}

// Where tuples were folded together, only those up to the last one kept apart are known to be complete.
const core::AttributeSet* last_complete(const AttributeMap& map) {
  const bool folded = !map.empty() && map.begin()->first.empty() && map.size() > core::kMaxAttributeSets;
  return folded ? &map.rbegin()->first : nullptr;
}

}  // namespace

std::vector<core::Driver> find_drivers(const DriverQuestion& question) {
  const core::AttributeSet* limits[] = {last_complete(question.before), last_complete(question.after)};
  const auto cell_of = [&](const core::AttributeSet& set) {
    const bool unsure = std::any_of(std::begin(limits), std::end(limits),
                                    [&](const auto* limit) { return limit != nullptr && *limit < set; });
    return unsure ? core::AttributeSet{} : set;
  };
  stats::AttributionInput input{.cells = {}, .calls_ratio = question.calls_ratio, .dispersion = question.dispersion};
  for (const auto& [set, totals] : question.before) {
    stats::CellChange& cell = input.cells[cell_of(set)];
    cell.calls_before += static_cast<double>(totals.calls);
    cell.amount_before += amount(totals, question.part);
  }
  for (const auto& [set, totals] : question.after) {
    stats::CellChange& cell = input.cells[cell_of(set)];
    cell.calls_after += static_cast<double>(totals.calls);
    cell.amount_after += amount(totals, question.part);
  }
  std::vector<core::Driver> drivers;
  for (auto& cause : stats::attribute(input)) drivers.push_back(std::move(cause.driver));
  std::stable_sort(drivers.begin(), drivers.end(), [](const auto& a, const auto& b) { return a.share > b.share; });
  return drivers;
}

AttributeMap attributes_before(core::EventTime onset, core::EventTime first_hour, const core::SeriesHistory& history) {
  const core::EventTime to = core::floor_to(onset, core::hours(1));
  const core::EventTime from = std::max(first_hour, to - kPast);
  return from < to ? history.sum(from, to).attributes : AttributeMap{};
}

}  // namespace costdrift::detectors
