#include "detectors/budget_judge.h"

#include <algorithm>
#include <cmath>

#include "core/finding_record.h"
#include "detectors/budget_text.h"
#include "detectors/finding_builder.h"

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kBudgetVersion = 3;
constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr core::Duration kForecastEvery = core::minutes(15);
constexpr core::Duration kBetweenBurns = core::days(1);
constexpr double kBurnIsOver = 0.5;  // of its rate

// Site Reliability Workbook, table 5-8: a short window beside a long one, so that nothing is said of a burn that is
// over.
struct BurnTier {
  std::int64_t long_minutes, short_minutes;
  double rate;        // times the expected path
  double least_used;  // part of the limit used in the long window
  bool page;
};
constexpr BurnTier kTiers[] = {{60, 5, 14.4, 0.02, true}, {360, 30, 6, 0.05, true}, {4320, 360, 1, 0.10, false}};

bool matches(const core::AttributeSet& set, core::Dimension dimension, const std::string& value) {
  return std::any_of(set.begin(), set.end(),
                     [&](const auto& item) { return item.first == dimension && item.second == value; });
}

template <class Totals>
std::int64_t amount_of(const Totals& totals, bool tokens) {
  return tokens ? totals.input_tokens + totals.output_tokens : totals.cost.nano;
}

// What an (app, model) series used of a budget.
std::int64_t share_of(const core::SeriesKey& series, const core::BucketSummary& summary, const BudgetSpec& spec) {
  if (!spec.dimension) return amount_of(summary.totals, spec.tokens);
  if (*spec.dimension == core::Dimension::app) {
    return series.label(core::Dimension::app) == spec.value ? amount_of(summary.totals, spec.tokens) : 0;
  }
  std::int64_t sum = 0;
  for (const auto& [set, totals] : summary.attributes)
    if (matches(set, *spec.dimension, spec.value)) sum += amount_of(totals, spec.tokens);
  return sum;
}

core::Finding finding_of(const BudgetSpec& spec, const BudgetMeter& meter, const core::ClosedBucket& bucket,
                         core::EventTime begin, core::EventTime end) {
  const double unit = spec.tokens ? 1 : 1e-9;
  core::Finding finding;
  finding.detector = "budget";
  finding.evaluated_at = bucket.end;
  finding.onset = finding.onset_earliest = finding.onset_latest = bucket.start;
  finding.unit = spec.tokens ? "tokens" : "USD";
  finding.quantity = describe_scope(spec) + " this " + std::string(period_name(spec.period));
  finding.observed = static_cast<double>(meter.used()) * unit;
  finding.expected = static_cast<double>(spec.limit) * unit * meter.expected_share(begin, bucket.end, end);
  finding.effect = finding.expected > 0 ? finding.observed / finding.expected - 1 : 0;
  finding.effect_low = finding.effect_high = finding.effect;
  finding.harm_low = 1;
  finding.exact = true;  // a threshold is told also when its use is as expected
  finding.told_alone = true;
  finding.quiet_if = "the period ends, or the limit is raised";
  finding.calls = bucket.summary->totals.calls;
  finding.cost_part = core::CostPart::volume;
  finding.money_known = false;
  finding.monetary = false;
  finding.samples = bucket.summary->samples;
  if (spec.dimension && *spec.dimension != core::Dimension::app) finding.attributes = {{*spec.dimension, spec.value}};
  return finding;
}

// The forecast against the limit instead of what is used against the expected path.
void tell_forecast(core::Finding& finding, const BudgetSpec& spec, const BudgetForecast& forecast) {
  const double unit = spec.tokens ? 1 : 1e-9, limit = static_cast<double>(spec.limit);
  finding.quantity = "forecast of " + finding.quantity;
  finding.observed = forecast.at_end * unit;
  finding.expected = limit * unit;
  finding.effect = forecast.at_end / limit - 1;
  finding.effect_low = forecast.low / limit - 1;
  finding.effect_high = forecast.high / limit - 1;
  finding.note = forecast_note(spec, forecast);
}

// Dollars per hour over the expected path, in the last hour.
void make_page(core::Finding& finding, const BudgetSpec& spec, const BudgetMeter& meter, double expected_in_hour) {
  finding.hard_limit = true;
  finding.money_known = finding.monetary = !spec.tokens;
  if (spec.tokens) return;
  finding.excess_usd_per_hour = std::max(0.0, (meter.used_in(60) - expected_in_hour) * 1e-9);
  finding.excess_so_far = core::from_usd(std::max(0.0, finding.observed - finding.expected));
}

}  // namespace

std::int64_t amount_in(const core::ClosedBucket& bucket, const BudgetSpec& spec) {
  if (!spec.dimension) return amount_of(bucket.summary->totals, spec.tokens);
  std::int64_t sum = 0;
  for (const core::SeriesPart& part : bucket.parts) sum += share_of(*part.series, *part.summary, spec);
  return sum;
}

std::int64_t late_amount_in(const core::ClosedBucket& bucket, const BudgetSpec& spec, core::EventTime begin,
                            core::EventTime end) {
  std::int64_t sum = 0;
  for (const core::LateCalls& late : bucket.late)
    if (begin <= late.minute && late.minute < end) sum += share_of(*late.series, *late.summary, spec);
  return sum;
}

void BudgetJudge::observe(const Observation& observation, Findings& findings) {
  const core::ClosedBucket& bucket = observation.bucket;
  for (const BudgetSpec& spec : specs_) {
    State& state = states_[spec.name];
    if (bucket.start >= state.end) begin_period(spec, state, bucket.start, findings);
    state.meter.add(bucket.start.us / kMinuteUs, amount_in(bucket, spec));
    state.meter.add_late(late_amount_in(bucket, spec, state.begin, state.end));
    check_thresholds(spec, state, bucket, findings);
    check_burn(spec, state, bucket, findings);
    check_forecast(spec, state, bucket, findings);
  }
}

void BudgetJudge::begin_period(const BudgetSpec& spec, State& state, core::EventTime now, Findings& findings) {
  while (!state.said.empty()) take_back(state, std::string(state.said.begin()->first), now, findings);
  state.meter.begin_period();
  state.begin = spec.calendar.begin(spec.period, now);
  state.end = spec.calendar.end(spec.period, now);
}

void BudgetJudge::check_thresholds(const BudgetSpec& spec, State& state, const core::ClosedBucket& bucket,
                                   Findings& findings) {
  for (const std::int64_t percent : spec.thresholds) {
    const double line = static_cast<double>(spec.limit) * static_cast<double>(percent) / 100;
    if (static_cast<double>(state.meter.used()) < line) return;
    core::Finding finding = finding_of(spec, state.meter, bucket, state.begin, state.end);
    finding.aspect = budget_aspect(spec, std::to_string(percent) + "%");
    if (state.said.contains(finding.aspect)) continue;
    const auto forecast = state.meter.forecast(bucket.end, state.end, spec.limit);
    finding.note = threshold_note(spec, percent, forecast);
    if (percent >= 100) make_page(finding, spec, state.meter, 0);
    say(state, std::move(finding), findings);
  }
}

void BudgetJudge::check_burn(const BudgetSpec& spec, State& state, const core::ClosedBucket& bucket,
                             Findings& findings) {
  const auto limit = static_cast<double>(spec.limit);
  for (const BurnTier& tier : kTiers) {
    if (core::minutes(tier.long_minutes) > bucket.end - state.begin) continue;
    const std::string aspect = budget_aspect(spec, "burn " + std::to_string(tier.long_minutes / 60) + "h");
    const auto rate = [&](std::int64_t minutes) {
      const core::EventTime from = bucket.end - core::minutes(minutes);
      const double share = state.meter.expected_share(from, bucket.end, from + (state.end - state.begin));
      return share > 0 ? state.meter.used_in(minutes) / (limit * share) : 0;
    };
    const double in_long = rate(tier.long_minutes), in_short = rate(tier.short_minutes);
    const bool something_left = state.meter.used() < spec.limit;
    const bool burns = something_left && in_long >= tier.rate && in_short >= tier.rate &&
                       state.meter.used_in(tier.long_minutes) >= tier.least_used * limit;
    if (burns && may_say_burn(state, aspect, bucket.end)) {
      state.burnt_at[aspect] = bucket.end;
      core::Finding finding = finding_of(spec, state.meter, bucket, state.begin, state.end);
      finding.aspect = aspect;
      finding.note =
          burn_note(spec, tier.long_minutes / 60, in_long, state.meter.forecast(bucket.end, state.end, spec.limit));
      const double expected = state.meter.used_in(60) / std::max(rate(60), 1e-9);
      if (tier.page) make_page(finding, spec, state.meter, expected);
      say(state, std::move(finding), findings);
    } else if (!something_left || in_long < kBurnIsOver * tier.rate) {
      take_back(state, aspect, bucket.end, findings);
    }
  }
}

bool BudgetJudge::may_say_burn(const State& state, const std::string& aspect, core::EventTime now) const {
  if (state.said.contains(aspect)) return false;
  const auto last = state.burnt_at.find(aspect);
  return last == state.burnt_at.end() || now - last->second >= kBetweenBurns;
}

void BudgetJudge::check_forecast(const BudgetSpec& spec, State& state, const core::ClosedBucket& bucket,
                                 Findings& findings) {
  if (core::floor_to(bucket.end, kForecastEvery) != bucket.end) return;
  const auto forecast = state.meter.forecast(bucket.end, state.end, spec.limit);
  if (!forecast) return;
  const std::string aspect = budget_aspect(spec, "forecast");
  const bool over = forecast->low > static_cast<double>(spec.limit);
  if (over && !state.said.contains(aspect) && state.meter.used() < spec.limit) {
    core::Finding finding = finding_of(spec, state.meter, bucket, state.begin, state.end);
    finding.aspect = aspect;
    tell_forecast(finding, spec, *forecast);
    say(state, std::move(finding), findings);
  } else if (forecast->at_end < static_cast<double>(spec.limit)) {
    take_back(state, aspect, bucket.end, findings);
  }
}

void BudgetJudge::say(State& state, core::Finding finding, Findings& findings) {
  state.said[finding.aspect] = finding;
  findings.push_back(std::move(finding));
}

void BudgetJudge::take_back(State& state, const std::string& aspect, core::EventTime now, Findings& findings) {
  const auto said = state.said.find(aspect);
  if (said == state.said.end()) return;
  core::Finding finding = std::move(said->second);
  state.said.erase(said);
  finding.phase = core::FindingPhase::recovered;
  finding.evaluated_at = now;
  findings.push_back(std::move(finding));
}

void BudgetJudge::save_lanes(core::ByteWriter& out) const {
  out.u64(kBudgetVersion);
  out.u64(states_.size());
  for (const auto& [name, state] : states_) {
    out.text(name);
    out.i64(state.begin.us);
    out.i64(state.end.us);
    state.meter.save(out);
    out.u64(state.said.size());
    for (const auto& [aspect, finding] : state.said) core::save_finding(out, finding);
    out.u64(state.burnt_at.size());
    for (const auto& [aspect, at] : state.burnt_at) {
      out.text(aspect);
      out.i64(at.us);
    }
  }
}

void BudgetJudge::save_model(core::ByteWriter& out) const { out.u64(kBudgetVersion); }

bool BudgetJudge::restore(std::string_view lanes, std::string_view model) {
  core::ByteReader version(model), in(lanes);
  if (version.u64() != kBudgetVersion || !version.finished() || in.u64() != kBudgetVersion) return false;
  for (std::size_t left = in.count(8); left > 0; --left) {
    const std::string name = in.text();
    State state;
    state.begin = {in.i64()};
    state.end = {in.i64()};
    state.meter.restore(in);
    for (std::size_t findings = in.count(8); findings > 0; --findings) {
      core::Finding finding = core::restore_finding(in);
      state.said[finding.aspect] = std::move(finding);
    }
    for (std::size_t burns = in.count(2); burns > 0; --burns) {
      const std::string aspect = in.text();
      state.burnt_at[aspect] = {in.i64()};
    }
    const bool wanted =
        std::any_of(specs_.begin(), specs_.end(), [&](const BudgetSpec& spec) { return spec.name == name; });
    if (wanted) states_[name] = std::move(state);
  }
  model_saved();
  return in.finished();
}

std::size_t BudgetJudge::memory_bytes() const { return sizeof *this + states_.size() * (sizeof(State) + 9'000); }

}  // namespace costdrift::detectors
