#include "detectors/finding_builder.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace costdrift::detectors {
namespace {

// Extra dollars per call since onset times the calls per hour of the last ten minutes (or since onset, if that is
// longer ago than the first call).
double excess_usd_per_hour(const FindingInput& input) {
  const auto calls = static_cast<double>(input.since.totals.calls);
  if (calls <= 0) return 0;
  const double per_call = core::to_usd(input.measured.excess) / calls;
  const double recent_per_hour = static_cast<double>(input.recent.totals.calls) * 6;
  const double hours = core::to_hours(input.now - input.onset);
  const double since_per_hour = hours > 0 ? calls / hours : recent_per_hour;
  // Over a long incident the whole of it says more about the rate than its last ten minutes.
  const double calls_per_hour = hours >= 1 ? since_per_hour : recent_per_hour;
  return per_call * calls_per_hour;
}

}  // namespace

core::AttributeSet commonest_attributes(const core::BucketSummary& summary) {
  std::map<core::Dimension, std::map<std::string, std::int64_t>> calls;
  for (const auto& [set, totals] : summary.attributes) {
    for (const auto& [dimension, value] : set) calls[dimension][value] += totals.calls;
  }
  core::AttributeSet result;
  for (const auto& [dimension, values] : calls) {
    const auto top = std::max_element(values.begin(), values.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
    result.emplace_back(dimension, top->first);
  }
  return result;
}

core::Finding build_finding(const FindingInput& input) {
  core::Finding finding;
  finding.detector = input.model.detector;
  finding.series = input.series;
  finding.aspect = input.model.aspect;
  finding.evaluated_at = input.now;
  finding.onset = input.onset;
  finding.onset_earliest = input.onset_earliest;
  finding.onset_latest = input.onset_latest;
  finding.unit = input.model.unit;
  finding.quantity = input.model.quantity;
  finding.expected = input.measured.effect.expected;
  finding.observed = input.measured.effect.observed;
  finding.effect = input.measured.effect.effect;
  finding.effect_low = input.measured.effect.low;
  finding.effect_high = input.measured.effect.high;
  finding.harm_low = input.measured.harm_low;
  finding.log10_evidence = input.log_evidence / std::log(10.0);
  finding.calls = input.since.totals.calls;
  finding.money_known = input.measured.money_known;
  finding.excess_so_far = input.measured.excess;
  finding.excess_usd_per_hour = excess_usd_per_hour(input);
  finding.cost_part = input.measured.cost_part.value_or(input.model.cost_part);
  finding.symptom = input.model.symptom;
  finding.specific = input.model.specific;
  finding.monetary = input.model.monetary;
  finding.page_without_money = input.model.page_without_money;
  finding.note = input.measured.note;
  finding.samples = input.since.samples;
  finding.attributes = commonest_attributes(input.since);
  return finding;
}

}  // namespace costdrift::detectors
