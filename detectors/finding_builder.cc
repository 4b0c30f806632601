#include "detectors/finding_builder.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/log_bins.h"
#include "detectors/bill_split.h"
#include "detectors/drivers.h"
#include "detectors/onset.h"

namespace costdrift::detectors {
namespace {

constexpr double kLeastPart = 0.05;  // of the bill: what another part must make of it to be named
constexpr double kNoiseSds = 2.5;    // and how far it must stand out, in standard errors of a mean
constexpr std::int64_t kCallsToTell = 10;
constexpr double kSureSds = 1.5;
constexpr core::Duration kOfOneTask = core::minutes(5), kStep = core::seconds(5);
constexpr double kCallsOfOneTask = 30;

struct CallsSince {
  const core::SeriesHistory& history;
  core::EventTime now;
  std::int64_t operator()(core::EventTime from) const { return history.sum(from, now).totals.calls; }
};

// Of the last eight days, or what the last hour has shown so far: no job, of a night or of a week, makes more.
std::int64_t calls_of_busiest_hour(const CallsSince& calls) {
  std::int64_t busiest = calls(calls.now - core::hours(1));
  core::EventTime hour = core::floor_to(calls.now, core::hours(1));
  for (int back = 0; back < 8 * 24; ++back, hour = hour - core::hours(1)) {
    busiest = std::max(busiest, calls.history.sum(hour - core::hours(1), hour).totals.calls);
  }
  return busiest;
}

// Calls an hour in the last `window`, less so many standard deviations of their number; when it began in a pause and
// holds calls enough to tell, since they came. A few calls that one task makes at once are not what goes on: of fewer
// than thirty, five minutes count at least, of more the less; nor is a burst that is over in seconds, every hour.
double recent_rate(const CallsSince& calls, core::Duration window, double less_sds) {
  const core::EventTime from = calls.now - window;
  const std::int64_t seen = calls(from);
  const auto number = static_cast<double>(seen);
  const double sure = std::max(0.0, number - less_sds * std::sqrt(number));
  const core::EventTime first = seen < kCallsToTell ? from : first_seen(calls, from, calls.now, kStep);
  if (first <= from) return sure / core::to_hours(window);
  const double shortest_hours = core::to_hours(kOfOneTask) * std::min(1.0, kCallsOfOneTask / number);
  const double rate = sure / std::max(core::to_hours(calls.now - first), shortest_hours);
  return std::min(rate, static_cast<double>(calls_of_busiest_hour(calls)));
}

double usd_per_call(core::NanoUsd excess, const FindingInput& input) {
  const auto calls = static_cast<double>(input.since.totals.calls);
  return calls > 0 ? core::to_usd(excess) / calls : 0;
}

core::CostSplit split_of(const FindingInput& input, core::CostPart part) {
  core::CostSplit own{};
  own[static_cast<std::size_t>(part)] = input.measured.excess;
  const bool by_model = !input.series.label(core::Dimension::model).empty();
  if (input.baseline == nullptr || !input.model.monetary || !input.measured.money_known || !by_model) return own;
  const bool steps = part == core::CostPart::steps;
  const BillChange change{.before = input.baseline->totals(),
                          .after = input.since.totals,
                          .steps_ratio = steps ? std::max(1 + input.measured.effect.effect, 0.01) : 1};
  if (input.model.symptom) return split_whole(input.measured.excess, change, part);
  if (input.several_modes) return own;
  const auto calls = static_cast<double>(std::max<std::int64_t>(input.since.totals.calls, 1));
  const double noise = std::max(kLeastPart, kNoiseSds * std::sqrt(input.baseline->inflation() / calls));
  return split_cause(input.measured.excess, part, change, noise);
}

// Variance of one call's amount over its squared mean, as far as the baseline knows it.
std::optional<double> dispersion_of(const FindingInput& input) {
  const Baseline& baseline = *input.baseline;
  const double inflation = baseline.inflation();
  if (input.model.cost_part == core::CostPart::retry) return inflation / std::max(input.measured.effect.expected, 1e-3);
  if (!input.model.family.log_bins) return inflation;
  double n = 0, sum = 0, square = 0;
  for (const auto& item : baseline.counts()) {
    const double calls = static_cast<double>(item.weight) / core::kOneCall;
    const double value = core::log_bin_value(item.bin);
    n += calls;
    sum += calls * value;
    square += calls * value * value;
  }
  if (!(sum > 0)) return std::nullopt;
  return inflation * std::clamp(square * n / (sum * sum) - 1, 0.05, 10.0);
}

std::vector<core::Driver> drivers_of(const FindingInput& input, core::CostPart part) {
  if (input.baseline == nullptr || input.history == nullptr || input.since.attributes.empty()) return {};
  const AttributeMap before = attributes_before(input.onset_earliest, input.baseline->first_hour(), *input.history);
  return find_drivers({.before = before,
                       .after = input.since.attributes,
                       .part = part,
                       .calls_ratio = std::nullopt,
                       .dispersion = dispersion_of(input)});
}

}  // namespace

// An application that pauses at night loses as much in the morning as it ever does, however long ago the change was.
double calls_per_hour(const core::SeriesHistory& history, core::EventTime onset, core::EventTime now) {
  const CallsSince calls{history, now};
  const double hours = core::to_hours(now - onset);
  if (hours < 1) return recent_rate(calls, core::minutes(10), 0);
  return std::max(static_cast<double>(calls(onset)) / hours, recent_rate(calls, core::minutes(30), kSureSds));
}

std::optional<double> calls_per_month(const core::SeriesHistory& history, core::EventTime first_hour,
                                      core::EventTime now) {
  const core::EventTime from = std::max(now - core::days(7), first_hour);
  if (now - from < core::days(1)) return std::nullopt;
  const auto calls = static_cast<double>(history.sum(from, now).totals.calls);
  return calls / core::to_hours(now - from) * core::kHoursPerMonth;
}

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
  finding.cost_part = input.measured.cost_part.value_or(input.model.cost_part);
  finding.split = split_of(input, finding.cost_part);
  finding.excess_so_far = total(finding.split);
  finding.excess_usd_per_hour = usd_per_call(finding.excess_so_far, input) * input.calls_per_hour;
  if (input.calls_per_month) {
    finding.excess_usd_per_month = usd_per_call(finding.excess_so_far, input) * *input.calls_per_month;
  }
  finding.symptom = input.model.symptom;
  finding.specific = input.model.specific;
  finding.monetary = input.model.monetary;
  finding.page_without_money = input.model.page_without_money;
  finding.note = input.measured.note;
  finding.samples = input.since.samples;
  finding.attributes = commonest_attributes(input.since);
  if (core::material(finding, input.min_effect)) {
    finding.drivers = drivers_of(input, input.model.symptom ? core::CostPart::price : finding.cost_part);
  }
  return finding;
}

}  // namespace costdrift::detectors
