#include "detectors/drift_judge.h"

#include <algorithm>
#include <cmath>

#include "detectors/drift_measure.h"
#include "detectors/finding_builder.h"
#include "detectors/onset.h"
#include "detectors/stats/e_bh.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kHoldOff = core::minutes(15);
constexpr double kMinLogThreshold = 9.21;
constexpr double kIndependent = 2;  // of the variance inflation
// What is estimated from siblings is trusted less than calls of the series' own.
constexpr double kYoungCalls = 1000, kYoungNats = 1.5;
constexpr double kSuspect = 6.9;  // ln 1000
constexpr double kSuspectHours = 3, kHoursPerWeek = 168;
constexpr double kCallsToReject = 50;
constexpr double kCallsToAskAgain = 1.3;

}  // namespace

void DriftJudge::observe(const Observation& observation, std::vector<core::Finding>& findings) {
  const core::Counts& counts = observation.bucket.summary->counts(model_.metric);
  if (counts.empty()) return;
  if (observation.siblings != nullptr && model_.from_first_day) meet_siblings(*observation.siblings);
  const bool another_day = hour_ != core::EventTime::min() && core::floor_to(observation.bucket.start, core::days(1)) !=
                                                                  core::floor_to(hour_, core::days(1));
  roll_hour(observation);
  std::optional<Proposal> proposal = watch_.observe(observation, counts, baseline_.clumping(), latch_.has_value());
  if (watch_.take_changed()) mark_model_changed();
  if (enough() && !silent(observation.bucket.end)) {
    weigh(observation, counts);
    if (another_day && !(latch_ && latch_->material)) proposal = by_anchor(observation, std::move(proposal));
    if (latch_) {
      if (auto finding = follow(observation, counts)) findings.push_back(*std::move(finding));
      if (larger_drift(observation, counts)) findings.push_back(latch_->finding);
    } else {
      if (auto fast = by_fast_rule(observation)) proposal = std::move(fast);
      if (proposal) latch(observation, *proposal);
      if (latch_) findings.push_back(latch_->finding);
    }
  }
  day_disturbed_ = day_disturbed_ || (latch_ && latch_->material && !crept());
  last_end_ = observation.bucket.end;
}

// Hours are counted by the calls of this series: an hour without the metric is no hour of it.
void DriftJudge::roll_hour(const Observation& observation) {
  const core::EventTime hour = core::floor_to(observation.bucket.start, core::hours(1));
  if (hour == hour_) return;
  if (hour_ != core::EventTime::min()) {
    baseline_.hour_ended(hour_, latch_.has_value() || hour_peak_ > suspect_evidence());
    if (latch_ && latch_->several_modes && !crept()) weigh_recovery_of_hour(observation);
    if (core::floor_to(hour_, core::days(1)) != core::floor_to(hour, core::days(1))) roll_day(observation);
    if (first_day(hour_) && !first_day(hour)) end_first_day();
    mark_model_changed();
  }
  hour_ = hour;
  hour_peak_ = -1e9;
  // The reverse test is in terms of the table that was in force when the evidence crossed: no learning while latched.
  if (!latch_) {
    baseline_.learn_due(observation.bucket.start, *observation.history, model_.metric, model_.family);
  }
}

// E reaches x in one of x / n hours of n calls in which nothing changes.
double DriftJudge::suspect_evidence() const {
  return std::max(kSuspect, std::log(kSuspectHours * std::max(baseline_.calls_per_week() / kHoursPerWeek, 1.0)));
}

void DriftJudge::weigh(const Observation& observation, const core::Counts& counts) {
  auto inflation = stats::lane_inflation(baseline_.table(), baseline_.inflation(), baseline_.calls(),
                                         log_threshold(observation.budget));
  const core::Duration width = observation.bucket.end - observation.bucket.start;
  for (double& of_lane : inflation) of_lane *= baseline_.concurrence(core::total_calls(counts), width);
  lanes_.update(baseline_.table(), counts, inflation, elapsed_s(observation), core::to_seconds(width));
  hour_peak_ = std::max(hour_peak_, lanes_.log_evidence());
}

double DriftJudge::elapsed_s(const Observation& observation) const {
  const core::EventTime since = last_end_ == core::EventTime::min() ? observation.bucket.start : last_end_;
  return core::to_seconds(observation.bucket.end - since);
}

double DriftJudge::log_threshold(const Budget& budget) const {
  const double calls = std::max(baseline_.calls_per_week(), 1.0);
  const double young = baseline_.has_siblings() && baseline_.own_calls() < kYoungCalls ? kYoungNats : 0;
  return std::max(kMinLogThreshold, std::log(calls * budget.weeks_per_false_page())) + young;
}

double DriftJudge::log_needed(const Budget& budget) const {
  return std::max(kMinLogThreshold, log_threshold(budget) - (calibrated() ? budget.relief : 0));
}

bool DriftJudge::calibrated() const { return !watch_.several() && baseline_.inflation() <= kIndependent; }

double DriftJudge::evidence_margin(const Budget& budget) const {
  const double evidence = lanes_.log_evidence();
  if (evidence < kMinLogThreshold - stats::kMostRelief || !enough() || first_day(last_end_) || !calibrated()) {
    return kNoMargin;
  }
  return evidence - log_threshold(budget);
}

// Evidence against the pooled baseline is enough where there is one mode; otherwise the hull is asked too, again and
// again while calls since the onset grow, until it says no.
std::optional<Proposal> DriftJudge::by_fast_rule(const Observation& observation) {
  if (lanes_.log_evidence() < log_needed(observation.budget)) {
    checked_calls_ = 0;
    return std::nullopt;
  }
  const Proposal proposal = dated_by(lanes_, observation);
  const core::EventTime now = observation.bucket.end;
  if (first_day(now)) return found_on_first_day(observation, proposal) ? std::optional(proposal) : std::nullopt;
  if (!watch_.several()) return proposal;
  const auto doublings = std::clamp<std::int64_t>(rejections_ - 1, 0, 4);
  if (rejections_ > 0 && now - rejected_at_ < kHoldOff * (std::int64_t{1} << doublings)) return std::nullopt;
  const core::BucketSummary since = observation.history->sum(proposal.onset, now);
  const core::Counts& counts = since.counts(model_.metric);
  if (counts.empty() || core::total_calls(counts) < kCallsToAskAgain * checked_calls_) return std::nullopt;
  checked_calls_ = core::total_calls(counts);
  const auto without = watch_.without_drift(counts);
  const double gain = without.gain;
  const double evidence = mode_evidence(checked_calls_, gain, baseline_.clumping(), without.known_calls);
  const bool beyond = evidence >= kModeEvidence && gain >= kModeGain * checked_calls_;
  if (beyond && core::material(finding_of(observation, proposal, since, nullptr), observation.budget.min_effect)) {
    return proposal;
  }
  // More calls than the modes were known by would never come to more.
  const bool undecidable = evidence < kModeEvidence && checked_calls_ > without.known_calls;
  if (checked_calls_ >= kCallsToReject && (gain < kModeGain * checked_calls_ || undecidable)) {
    rejections_ = rejections_ > 0 && now - rejected_at_ < core::days(1) ? rejections_ + 1 : 1;
    rejected_at_ = now;
    checked_calls_ = 0;
    lanes_.reset();
  }
  return std::nullopt;
}

Proposal DriftJudge::dated_by(const stats::MixtureSr& lanes, const Observation& observation) const {
  const auto age = lanes.age();
  const core::EventTime now = observation.bucket.end;
  const auto ago = [&](double seconds) {
    return core::floor_to(now - core::microseconds(std::llround(std::max(seconds, 0.0) * 1e6)),
                          observation.bucket.end - observation.bucket.start);
  };
  Proposal proposal;
  proposal.onset = std::min(ago(age.mean_s), observation.bucket.start);
  proposal.onset_earliest = std::min(ago(age.mean_s + 1.28 * age.sd_s), proposal.onset);
  proposal.onset_latest =
      std::max(std::min(ago(age.mean_s - 1.28 * age.sd_s), observation.bucket.start), proposal.onset);
  proposal.log_evidence = lanes.log_evidence();
  proposal.by_fast_rule = true;
  return model_.family.log_bins ? proposal : dated_by_shares(observation, std::move(proposal));
}

Proposal DriftJudge::dated_by_shares(const Observation& observation, Proposal proposal) const {
  const OnsetSearch search{.table = baseline_.table(),
                           .inflation = baseline_.inflation(),
                           .metric = model_.metric,
                           .history = *observation.history,
                           .now = observation.bucket.end,
                           .bucket = observation.bucket.end - observation.bucket.start};
  const auto onset = redated(search, {proposal.onset, proposal.onset_earliest, proposal.onset_latest});
  if (onset) {
    proposal.onset = onset->at;
    proposal.onset_earliest = onset->earliest;
    proposal.onset_latest = onset->latest;
  }
  return proposal;
}

core::Finding DriftJudge::finding_of(const Observation& observation, const Proposal& proposal,
                                     const core::BucketSummary& since, const core::SeriesHistory* for_drivers) const {
  const core::EventTime now = observation.bucket.end;
  const Measured measured = measure_drift(model_, baseline_, watch_, proposal.kind, proposal.usual_mean, since);
  const auto month =
      for_drivers != nullptr ? calls_per_month(*observation.history, baseline_.first_hour(), now) : std::nullopt;
  return build_finding({.model = model_,
                        .series = series_,
                        .now = now,
                        .onset = proposal.onset,
                        .onset_earliest = proposal.onset_earliest,
                        .onset_latest = proposal.onset_latest,
                        .log_evidence = proposal.log_evidence,
                        .measured = measured,
                        .since = since,
                        .calls_per_hour = calls_per_hour(*observation.history, proposal.onset, now),
                        .calls_per_month = month,
                        .baseline = &baseline_,
                        .several_modes = watch_.several(),
                        .history = for_drivers,
                        .min_effect = observation.budget.min_effect});
}

std::optional<Standing> DriftJudge::standing(const Budget& budget) const {
  if (last_end_ == core::EventTime::min()) return std::nullopt;
  Standing standing;
  standing.learning = silent(last_end_) || !enough();
  standing.drifting = latch_.has_value();
  standing.seen_before = rejections_ > 0 && last_end_ - rejected_at_ < core::days(1);
  standing.log10_evidence = std::max(lanes_.log_evidence(), 0.0) / std::log(10.0);
  standing.log10_needed = log_needed(budget) / std::log(10.0);
  return standing;
}

void DriftJudge::rebase(const core::SeriesKey&) {
  const core::EventTime onset = latch_ ? latch_->onset : last_end_;
  if (latch_) unlatch(false);
  accept_since(onset);
  anchor_.restart();
}

std::size_t DriftJudge::memory_bytes() const {
  return sizeof *this + baseline_.counts().size() * sizeof(core::BinCount) +
         baseline_.table().log_ratio.size() * sizeof(double);
}

}  // namespace costdrift::detectors
