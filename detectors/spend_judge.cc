#include "detectors/spend_judge.h"

#include <algorithm>
#include <cmath>

#include "core/finding_record.h"
#include "detectors/finding_builder.h"
#include "detectors/spend_note.h"

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kSpendVersion = 2;
constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int64_t kMostQuiet = 26 * 60;  // minutes; a longer silence is an absence, not a level
constexpr double kFewestCalls = 3;            // expected in a minute that is judged
constexpr double kFewestCallsPerWeek = 5000;
constexpr double kMinLogThreshold = 9.21;  // ln 1e4
constexpr double kLogResolve = 6.9;        // ln 1e3 minutes
constexpr double kSmallestShift = 0.05;    // of the reverse test, in ln
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

}  // namespace

void SpendJudge::observe(const Observation& observation, std::vector<core::Finding>& findings) {
  if (observation.bucket.summary->totals.calls == 0) return;
  const std::int64_t minute = minute_of(observation.bucket.start);
  const std::int64_t last = history_.last_minute().value_or(minute - 1);
  const auto between = minute - last - 1 <= kMostQuiet ? MinuteHistory::Kind::quiet : MinuteHistory::Kind::missing;
  for (std::int64_t at = last + 1; at < minute; ++at) push(at, {.kind = between}, observation);
  push(minute, minute_value(observation.bucket.summary->totals), observation);
  if (latch_) {
    if (auto finding = follow(observation)) findings.push_back(*std::move(finding));
  } else if (model_ && lanes_.log_evidence() >= log_threshold(observation.budget)) {
    latch(minute, observation);
    if (!waits(observation.bucket.end)) findings.push_back(latch_->finding);
  }
}

// A team, and even more the whole, gives the app in which the money is lost the time to say so.
bool SpendJudge::waits(core::EventTime now) const {
  return series_.kind() != core::SeriesKind::app && now - latch_->since < kPatience;
}

void SpendJudge::push(std::int64_t minute, MinuteHistory::Minute value, const Observation& observation) {
  if (history_.push(minute, value)) learn(observation);
  if (latch_) history_.set_aside(minute, minute + 1);
  if (!model_) return;
  const double level = stats::profile_at(model_->profile, minute);
  const auto judged = value_of(value, minute);
  (void)lanes_.update(*model_, judged.value_or(NAN), minute);
  if (latch_ && judged) count_since(*judged - level, level - log_call_cost_);
}

// ln of the minute's value in calls of mean cost; nullopt: not to be judged.
std::optional<double> SpendJudge::value_of(MinuteHistory::Minute minute, std::int64_t at) const {
  const double level = stats::profile_at(model_->profile, at);
  if (minute.kind == MinuteHistory::Kind::missing || !(level >= std::log(kFewestCalls))) return std::nullopt;
  // Half a call stands for none.
  return minute.kind == MinuteHistory::Kind::quiet ? std::log(0.5) : minute.log_cost - log_call_cost_;
}

void SpendJudge::learn(const Observation& observation) {
  mark_model_changed();
  if (latch_ || history_.completed_days() < 7 * stats::kMinWeeks) return;
  const core::EventTime now = observation.bucket.start;
  const core::Totals week = observation.history->sum(now - core::days(7), now).totals;
  if (static_cast<double>(week.calls) < kFewestCallsPerWeek || week.cost.nano <= 0) return;
  log_call_cost_ = std::log(static_cast<double>(week.cost.nano) / static_cast<double>(week.calls));
  // In calls of mean cost, so that levels near 0 are few calls.
  std::vector<double> values = history_.completed(log_call_cost_ + std::log(0.5));
  for (double& value : values) value -= log_call_cost_;
  model_ = stats::SeasonalModel::fit(values, history_.first_minute());
}

double SpendJudge::log_threshold(const Budget& budget) const {
  const double shares = static_cast<double>(std::max<std::int64_t>(budget.judges, 1));
  return std::max(kMinLogThreshold, model_->log_threshold(budget.false_pages_per_week / shares));
}

void SpendJudge::count_since(double residual, double level) {
  Since& seen = latch_->seen;
  seen.minutes += 1;
  seen.residuals += residual;
  seen.levels += level + log_call_cost_;
  // Baseline against half-way to what was seen, with the variance that residuals have over long times.
  const double half = std::max(seen.mean(), kSmallestShift) / 2;
  const double memory = (1 + model_->phi) / (1 - model_->phi);
  const double variance = model_->sa2 * memory + model_->noise(level + log_call_cost_);
  const double log_ratio = half * (half - 2 * std::clamp(residual, -1.0, 2 * half + 1)) / (2 * variance);
  latch_->reverse.update(log_ratio, 1);
}

void SpendJudge::latch(std::int64_t minute, const Observation& observation) {
  const auto age = lanes_.age();
  const auto ago = [&](double minutes) {
    return time_of(minute + 1 - std::max<std::int64_t>(1, std::llround(std::max(minutes, 0.0))));
  };
  latch_.emplace();
  latch_->since = observation.bucket.end;
  latch_->onset = ago(age.mean);
  latch_->onset_earliest = ago(age.mean + k80 * age.sd);
  latch_->onset_latest = std::max(ago(age.mean - k80 * age.sd), latch_->onset);
  const std::int64_t first = minute_of(latch_->onset);
  for (std::int64_t at = first; at <= minute; ++at) {
    const double level = stats::profile_at(model_->profile, at);
    if (const auto judged = value_of(history_.at(at), at)) count_since(*judged - level, level - log_call_cost_);
  }
  latch_->reverse.reset();
  history_.set_aside(first, minute + 1);
  mark_model_changed();  // the minutes set aside may lie before midnight
  estimate(observation);
}

void SpendJudge::estimate(const Observation& observation) {
  const core::EventTime now = observation.bucket.end;
  const core::BucketSummary since = observation.history->sum(latch_->onset, now);
  const double hours = std::max(core::to_hours(now - latch_->onset), 1.0 / 60);
  const double mean = latch_->seen.mean();
  const double level = latch_->seen.levels / std::max(latch_->seen.minutes, 1.0);
  const double sd = std::sqrt(model_->variance_of_mean(level, std::max(latch_->seen.minutes, 1.0)));
  const double observed = core::to_usd(since.totals.cost) / hours;

  core::Finding& finding = latch_->finding;
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
  finding.log10_evidence = lanes_.log_evidence() / std::log(10.0);
  finding.symptom = true;
  finding.calls = since.totals.calls;
  finding.excess_usd_per_hour = observed - finding.expected;
  finding.excess_so_far = core::from_usd(finding.excess_usd_per_hour * hours);
  finding.money_known = since.totals.unpriced_calls < since.totals.calls;
  finding.cost_part = core::CostPart::volume;
  finding.samples = since.samples;
  finding.attributes = commonest_attributes(since);
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
  if (now < latch_->next_estimate) return std::nullopt;
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
  latch_.reset();
  lanes_.reset_evidence();
}

void SpendJudge::rebase(const core::SeriesKey&) { learn_present(); }

void SpendJudge::learn_present() {
  const double shift = latch_ ? latch_->seen.mean() : 0;
  unlatch();
  history_.shift(shift);
  if (model_)
    for (double& level : model_->profile) level += shift;
  mark_model_changed();
}

void SpendJudge::save_lanes(core::ByteWriter& out) const {
  out.u64(kSpendVersion);
  history_.save_today(out);
  lanes_.save(out);
  out.boolean(latch_.has_value());
  if (!latch_) return;
  for (const core::EventTime time :
       {latch_->since, latch_->onset, latch_->onset_earliest, latch_->onset_latest, latch_->next_estimate})
    out.i64(time.us);
  out.boolean(latch_->material);
  for (const double value : {latch_->seen.minutes, latch_->seen.residuals, latch_->seen.levels}) out.f64(value);
  latch_->reverse.save(out);
  core::save_finding(out, latch_->finding);
}

void SpendJudge::save_model(core::ByteWriter& out) const {
  out.u64(kSpendVersion);
  history_.save_days(out);
  out.f64(log_call_cost_);
  out.boolean(model_.has_value());
  if (model_) model_->save(out);
}

bool SpendJudge::restore(std::string_view lanes, std::string_view model) {
  core::ByteReader in(model);
  if (in.u64() != kSpendVersion || !history_.restore_days(in)) return false;
  log_call_cost_ = in.f64();
  if (in.boolean()) model_.emplace().restore(in);
  if (!in.finished()) return false;

  core::ByteReader hot(lanes);
  if (hot.u64() != kSpendVersion || !history_.restore_today(hot)) return false;
  lanes_.restore(hot);
  if (hot.boolean()) {
    latch_.emplace();
    for (core::EventTime* time :
         {&latch_->since, &latch_->onset, &latch_->onset_earliest, &latch_->onset_latest, &latch_->next_estimate})
      *time = {hot.i64()};
    latch_->material = hot.boolean();
    for (double* value : {&latch_->seen.minutes, &latch_->seen.residuals, &latch_->seen.levels}) *value = hot.f64();
    latch_->reverse.restore(hot);
    latch_->finding = core::restore_finding(hot);
  }
  model_saved();
  return hot.finished();
}

}  // namespace costdrift::detectors
