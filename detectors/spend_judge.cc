#include "detectors/spend_judge.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/hash.h"
#include "detectors/finding_builder.h"
#include "detectors/onset.h"
#include "detectors/spend_drivers.h"
#include "detectors/spend_note.h"

namespace costdrift::detectors {
namespace {

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kMostQuiet = 26 * 60;  // minutes; a longer silence is an absence, not a level
constexpr std::uint64_t kLearnWithinMinutes = 4 * 60;
constexpr double kFewestCallsPerWeek = 500;
constexpr double kSooner = 0.9;           // a wider step must find a doubling in so much of the time
constexpr double kMinLogThreshold = 9.2;  // ln 1e4 minutes
constexpr double kLogResolve = 6.9;       // ln 1e3 minutes
constexpr double kLogProbablyOver = 2.3;  // ln 10 minutes
constexpr double kSmallestShift = 0.05;   // of the reverse test, in ln
constexpr core::Duration kPatience = core::minutes(10);
constexpr core::Duration kAbsorbImmaterial = core::hours(48), kAbsorb = core::days(7);
constexpr double k80 = 1.28;  // standard deviations of an 80 % interval

core::EventTime time_of(std::int64_t minute) { return {minute * kMinuteUs}; }
std::int64_t minute_of(core::EventTime time) { return core::floor_to(time, core::minutes(1)).us / kMinuteUs; }

core::Duration until_next_estimate(core::Duration latched_for) {
  if (latched_for < core::minutes(15)) return core::minutes(1);
  if (latched_for < core::hours(1)) return core::minutes(5);
  return core::minutes(30);
}

MinuteHistory::Minute minute_value(const core::Totals& totals) {
  // Calls without a price are unknown spend, not none.
  if (totals.cost.nano <= 0 && totals.unpriced_calls > 0) return {};
  return MinuteHistory::of_cost(totals.cost);
}

// Reading every application's past is dear, and where the money goes does not change as often as how much it is.
bool has_doubled(core::EventTime onset, core::EventTime last, core::EventTime now) {
  const auto doublings = [&](core::EventTime at) {
    return std::bit_width(static_cast<std::uint64_t>(std::max<std::int64_t>((at - onset).us / core::minutes(1).us, 0)));
  };
  return last <= onset || doublings(now) > doublings(last);
}

}  // namespace

// All series at once would keep the daemon busy for minutes at midnight.
SpendJudge::SpendJudge(core::SeriesKey series)
    : series_(std::move(series)),
      history_(static_cast<std::int64_t>(core::hash64(series_.text()) % kLearnWithinMinutes)) {}

void SpendJudge::observe(const Observation& observation, std::vector<core::Finding>& findings) {
  if (observation.bucket.summary->totals.calls == 0) return;
  const std::int64_t minute = minute_of(observation.bucket.start);
  const std::int64_t last = history_.last_minute().value_or(minute - 1);
  const auto between = minute - last - 1 <= kMostQuiet ? MinuteHistory::Kind::quiet : MinuteHistory::Kind::missing;
  for (std::int64_t at = last + 1; at < minute; ++at) push(at, {.kind = between}, observation);
  push(minute, minute_value(observation.bucket.summary->totals), observation);
  if (latch_) {
    if (auto finding = follow(observation)) findings.push_back(*std::move(finding));
  } else if (const auto scale = alarm(minute, observation.budget)) {
    latch(*scale, minute, observation);
    if (!waits(observation.bucket.end)) findings.push_back(latch_->finding);
  }
}

// A team, and even more the whole, gives the app in which the money is lost the time to say so.
bool SpendJudge::waits(core::EventTime now) const {
  return series_.kind() != core::SeriesKind::app && now - latch_->since < kPatience;
}

void SpendJudge::push(std::int64_t minute, MinuteHistory::Minute value, const Observation& observation) {
  if (history_.push(minute, value)) learn(observation);
  for (SpendScale& scale : scales_) scale.advance(history_, minute);
  if (latch_ && latched_scale().ends_with(minute)) count_step(minute);
}

void SpendJudge::learn(const Observation& observation) {
  mark_model_changed();
  if (latch_ || history_.completed_days() < 7 * stats::kMinWeeks) return;
  const core::EventTime now = observation.bucket.start;
  const core::Totals week = observation.history->sum(now - core::days(7), now).totals;
  if (static_cast<double>(week.calls) < kFewestCallsPerWeek || week.cost.nano <= 0) return;
  const double log_call_cost = std::log(static_cast<double>(week.cost.nano) / static_cast<double>(week.calls));
  double soonest = 7 * 24 * 60;
  for (SpendScale& scale : scales_) {
    scale.learn(history_, log_call_cost);
    if (!scale.model()) {
      scale.forget();  // evidence of before would be as old as nobody knows
      continue;
    }
    const double minutes =
        scale.model()->minutes_to_find(std::log(2.0), log_threshold(*scale.model(), observation.budget));
    if (minutes > kSooner * soonest) scale.forget();
    soonest = std::min(soonest, minutes);
  }
}

// The budget is for all scales that judge.
double SpendJudge::log_threshold(const stats::SeasonalModel& model, const Budget& budget) const {
  const auto scales = std::count_if(scales_.begin(), scales_.end(), [](const SpendScale& one) { return one.model(); });
  const double weeks = budget.weeks_per_false_page() * static_cast<double>(scales);
  const double lowest = kMinLogThreshold - std::log(model.profile.grid.minutes_per_step);
  return std::max(lowest, model.log_threshold(1 / weeks));
}

Standing SpendJudge::standing_of(const SpendScale& scale, std::int64_t minute, const Budget& budget) const {
  Standing standing{.drifting = latch_.has_value()};
  const double evidence = scale.evidence(history_, minute).lanes.log_evidence();
  standing.log10_evidence = std::max(evidence, 0.0) / std::log(10.0);
  standing.log10_needed = log_threshold(*scale.model(), budget) / std::log(10.0);
  return standing;
}

// Of the steps that are nearest to an alarm.
std::optional<Standing> SpendJudge::standing(const Budget& budget) const {
  const auto minute = history_.last_minute();
  if (!minute) return std::nullopt;
  std::optional<Standing> nearest;
  for (const SpendScale& scale : scales_) {
    if (!scale.model()) continue;
    const Standing one = standing_of(scale, *minute, budget);
    if (!nearest || one.log10_evidence / one.log10_needed > nearest->log10_evidence / nearest->log10_needed)
      nearest = one;
  }
  return nearest.value_or(Standing{.learning = true});
}

std::optional<std::size_t> SpendJudge::alarm(std::int64_t minute, const Budget& budget) const {
  for (std::size_t i = 0; i < scales_.size(); ++i) {
    const auto& model = scales_[i].model();
    if (model && scales_[i].evidence(history_, minute).lanes.log_evidence() >= log_threshold(*model, budget)) return i;
  }
  return std::nullopt;
}

SpendScale::Sum SpendJudge::seen_in_step(std::int64_t minute, double known_residual) const {
  const SpendScale& scale = latched_scale();
  const std::int64_t from = std::max(minute_of(latch_->onset), scale.first_minute(scale.step_of(minute)));
  return scale.sum(history_, from, minute, known_residual);
}

// The step that ends with `minute`.
void SpendJudge::count_step(std::int64_t minute) {
  const SpendScale::Sum step = seen_in_step(minute, latch_->drift);
  if (step.steps == 0) return;
  latch_->seen.add(step);
  listen();
  // Baseline against half-way to the drift, with the variance that residuals have over long times.
  const stats::SeasonalModel& model = *latched_scale().model();
  const double half = std::max(latch_->drift, kSmallestShift) / 2;
  const double memory = (1 + model.phi) / (1 - model.phi);
  const double variance = model.sa2 * memory + model.noise(step.mean_usual());
  const double residual = step.mean_residual();
  const double log_ratio = half * (half - 2 * std::clamp(residual, -1.0, 2 * half + 1)) / (2 * variance);
  latch_->reverse.update(log_ratio, 1);
}

void SpendJudge::listen() {
  const double mean = latch_->seen.mean_residual(), loud = latch_->seen.residuals * mean;
  if (loud < latch_->loudest || mean < 0) return;
  latch_->loudest = loud;
  latch_->drift = mean;
}

void SpendJudge::latch(std::size_t index, std::int64_t minute, const Observation& observation) {
  const SpendScale& scale = scales_[index];
  const auto [lanes, steps_end] = scale.evidence(history_, minute);
  const auto age = lanes.age();
  const auto ago = [&, end = steps_end](double steps) {
    const std::int64_t whole = std::max<std::int64_t>(1, std::llround(std::max(steps, 0.0)));
    return time_of(std::min(end - scale.first_minute(whole), minute));
  };
  latch_.emplace();
  latch_->scale = index;
  latch_->since = observation.bucket.end;
  latch_->onset_earliest = ago(age.mean + k80 * age.sd);
  latch_->onset = ago(age.mean);
  if (scale.minutes_per_step() > 1)
    latch_->onset = time_of(scale.beginning(history_, minute_of(latch_->onset_earliest), minute));
  // In a pause nothing speaks for either side.
  const auto calls_since = [&](core::EventTime from) {
    return observation.history->sum(from, observation.bucket.end).totals.calls;
  };
  latch_->onset = first_seen(calls_since, latch_->onset, observation.bucket.end, core::minutes(1));
  latch_->onset_latest = std::max(ago(age.mean - k80 * age.sd), latch_->onset);
  const std::int64_t over = scale.ends_with(minute) ? minute : scale.first_minute(scale.step_of(minute)) - 1;
  latch_->seen = scale.sum(history_, minute_of(latch_->onset), over);
  listen();
  estimate(observation);
}

void SpendJudge::estimate(const Observation& observation) {
  const core::EventTime now = observation.bucket.end;
  const core::BucketSummary since = observation.history->sum(latch_->onset, now);
  const double hours = std::max(core::to_hours(now - latch_->onset), 1.0 / 60);
  const SpendScale& scale = latched_scale();
  const std::int64_t minute = minute_of(observation.bucket.start);
  SpendScale::Sum seen = latch_->seen;
  if (!scale.ends_with(minute)) seen.add(seen_in_step(minute));
  const double mean = seen.mean_residual();
  const double sd = std::sqrt(scale.model()->variance_of_mean(seen.mean_usual(), std::max(seen.steps, 1.0)));
  const double observed = core::to_usd(since.totals.cost) / hours;

  core::Finding& finding = latch_->finding;
  const core::EventTime last_estimate = finding.evaluated_at;
  finding.detector = "spend";
  finding.series = series_;
  finding.phase = core::FindingPhase::drifting;
  finding.evaluated_at = now;
  finding.onset = latch_->onset;
  finding.onset_earliest = latch_->onset_earliest;
  finding.onset_latest = latch_->onset_latest;
  finding.unit = "USD/h";
  finding.quantity = "spend per hour";
  finding.observed = observed;
  finding.expected = observed / std::exp(mean);
  finding.effect = std::expm1(mean);
  finding.effect_low = std::expm1(mean - k80 * sd);
  finding.effect_high = std::expm1(mean + k80 * sd);
  finding.harm_low = finding.effect_low;
  finding.log10_evidence = scale.evidence(history_, minute).lanes.log_evidence() / std::log(10.0);
  finding.symptom = true;
  finding.calls = since.totals.calls;
  finding.excess_usd_per_hour = observed - finding.expected;
  finding.excess_so_far = core::from_usd(finding.excess_usd_per_hour * hours);
  finding.money_known = since.totals.unpriced_calls < since.totals.calls;
  finding.cost_part = core::CostPart::volume;
  finding.samples = since.samples;
  finding.attributes = commonest_attributes(since);
  if (has_doubled(latch_->onset, last_estimate, now)) {
    finding.drivers = spend_drivers(*observation.history, latch_->onset, now);
  }
  finding.note = spend_note(*observation.history, now);
  latch_->material = finding.harm_low >= observation.budget.min_effect;
  latch_->next_estimate = now + until_next_estimate(now - latch_->since);
}

std::optional<core::Finding> SpendJudge::follow(const Observation& observation) {
  const core::EventTime now = observation.bucket.end;
  const core::Duration latched_for = now - latch_->since;
  if (latch_->reverse.log_evidence() >= kLogResolve) {
    core::Finding finding = latch_->finding;
    finding.phase = core::FindingPhase::recovered;
    finding.evaluated_at = now;
    unlatch();
    return finding;
  }
  // Minutes after the end of a drift would make it look smaller than it was.
  if (now < latch_->next_estimate || latch_->reverse.log_evidence() >= kLogProbablyOver) return std::nullopt;
  estimate(observation);
  if (waits(now)) return std::nullopt;
  core::Finding finding = latch_->finding;
  if (latched_for >= kAbsorb || (!latch_->material && latched_for >= kAbsorbImmaterial)) {
    finding.phase = core::FindingPhase::absorbed;
    learn_present();
  }
  return finding;
}

void SpendJudge::unlatch() {
  if (latch_) history_.set_aside(minute_of(latch_->onset), history_.last_minute().value_or(0) + 1);
  latch_.reset();
  for (SpendScale& scale : scales_) scale.reset_evidence();
  mark_model_changed();  // the minutes set aside may lie before midnight
}

void SpendJudge::rebase(const core::SeriesKey&) { learn_present(); }

void SpendJudge::learn_present() {
  const double shift = latch_ ? latch_->seen.mean_residual() : 0;
  unlatch();
  history_.shift(shift);
  for (SpendScale& scale : scales_) scale.shift(shift);
}

}  // namespace costdrift::detectors
