// DriftJudge while latched: estimates, the reverse test, and how the latch opens.
#include <algorithm>
#include <cmath>

#include "detectors/drift_judge.h"
#include "detectors/onset.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kAbsorbImmaterialAfter = core::hours(48);
constexpr core::Duration kAbsorbTicketAfter = core::hours(72);
constexpr core::Duration kPause = core::minutes(30), kEstimateAfterPause = core::minutes(15);
constexpr double kLogResolve = 9.21;  // ln 1e4
constexpr double kLarger = 2;

core::Duration until_next_estimate(core::Duration latched_for) {
  if (latched_for < core::minutes(15)) return core::minutes(1);
  if (latched_for < core::hours(1)) return core::minutes(5);
  return core::minutes(30);
}

}  // namespace

// The slow rule's proposals are dropped when their effect, well measured, does not matter: a latch stops all learning.
void DriftJudge::latch(const Observation& observation, const Proposal& proposal) {
  latch_.emplace();
  latch_->since = observation.bucket.end;
  latch_->onset = first_value(observation, proposal.onset);
  latch_->onset_earliest = proposal.onset_earliest;
  latch_->onset_latest = std::max(proposal.onset_latest, latch_->onset);
  latch_->kind = proposal.kind;
  latch_->usual_mean = proposal.usual_mean;
  latch_->log_evidence = proposal.log_evidence;
  latch_->several_modes = watch_.several();
  latch_->calibrated = proposal.by_fast_rule && calibrated() && !first_day(observation.bucket.end);
  estimate(observation);
  if (!latch_->material && (!proposal.by_fast_rule || watch_.several())) latch_.reset();
}

core::EventTime DriftJudge::first_value(const Observation& observation, core::EventTime onset) const {
  const core::EventTime now = observation.bucket.end;
  const auto seen_since = [&](core::EventTime from) {
    const core::BucketSummary seen = observation.history->sum(from, now);
    core::Weight weight = 0;
    for (const auto& item : seen.counts(model_.metric)) weight += item.weight;
    return weight;
  };
  return first_seen(seen_since, onset, now, now - observation.bucket.start);
}

bool DriftJudge::larger_drift(const Observation& observation, const core::Counts& counts) {
  if (!latch_ || latch_->paged || crept() || first_day(observation.bucket.end)) return false;
  const core::Duration width = observation.bucket.end - observation.bucket.start;
  latch_->known.update(counts, baseline_.inflation() * baseline_.concurrence(core::total_calls(counts), width),
                       log_threshold(observation.budget), elapsed_s(observation), core::to_seconds(width));
  if (latch_->known.lanes().log_evidence() < log_needed(observation.budget)) return false;
  Latch smaller = *latch_;
  latch(observation, dated_by(latch_->known.lanes(), observation));
  const double effect = std::abs(smaller.finding.effect);
  if (latch_ && latch_->material && std::abs(latch_->finding.effect) >= kLarger * effect) return true;
  latch_ = std::move(smaller);
  latch_->known.forget_evidence();
  return false;
}

void DriftJudge::estimate(const Observation& observation) {
  const core::EventTime now = observation.bucket.end;
  core::BucketSummary since = observation.history->sum(latch_->onset, now);
  if (since.counts(model_.metric).empty()) since = *observation.bucket.summary;
  latch_->log_evidence = std::max(latch_->log_evidence, lanes_.log_evidence());
  const Proposal proposal{latch_->kind,         latch_->onset,        latch_->onset_earliest,
                          latch_->onset_latest, latch_->log_evidence, latch_->usual_mean};
  core::Finding finding = finding_of(observation, proposal, since, observation.history);
  const Budget& budget = observation.budget;
  // With one mode and little dependence the fast rule's threshold means what it says and needs no money gate.
  finding.below_money_gate = !latch_->calibrated && finding.excess_so_far < money_floor(now, budget);
  latch_->material = core::material(finding, budget.min_effect);
  latch_->paged = latch_->paged || (latch_->material && finding.money_known && !finding.below_money_gate &&
                                    finding.excess_usd_per_hour >= budget.min_usd_per_hour);
  latch_->finding = std::move(finding);
  latch_->next_estimate = now + until_next_estimate(now - latch_->since);
  latch_->deferred = false;
  if (!latch_->several_modes) prepare_reverse(since.counts(model_.metric));
  if (!latch_->paged) latch_->known.learn(since.counts(model_.metric), model_.family);
  mark_model_changed();
}

// The reverse test asks whether calls come from the baseline rather than from an even mixture of it and what was seen
// since the onset, when that spoke loudest: what comes after the end of a drift would make it look like the baseline.
void DriftJudge::prepare_reverse(const core::Counts& since) {
  const auto& table = baseline_.table();
  const std::vector<double> drifted = drifted_shares(table, since);
  const double gain = log_ratio(table, drifted, since);
  if (gain < latch_->reverse_gain) return;
  latch_->reverse_gain = gain;
  latch_->reverse_log_ratio.clear();
  for (std::size_t g = 0; g < drifted.size(); ++g) {
    latch_->reverse_log_ratio.push_back(-std::log((1 + drifted[g] / table.null_prob[g]) / 2));
  }
}

void DriftJudge::weigh_recovery(const core::Counts& counts) {
  double log_ratio = 0, calls = 0;
  for (const auto& item : counts) {
    const auto group = static_cast<std::size_t>(baseline_.table().grouping.group(item.bin));
    const double n = static_cast<double>(item.weight) / core::kOneCall;
    log_ratio += n * latch_->reverse_log_ratio[group];
    calls += n;
  }
  latch_->reverse.update(log_ratio / baseline_.inflation(), calls);
}

// With several modes there is no one baseline to come back to: the hour that ended is of the modes, or of what was seen
// since the onset.
void DriftJudge::weigh_recovery_of_hour(const Observation& observation) {
  if (hour_ < latch_->since) return;
  const auto ended = observation.history->sum(hour_, hour_ + core::hours(1));
  const auto drifted = observation.history->sum(latch_->onset, hour_);
  const core::Counts& counts = ended.counts(model_.metric);
  if (counts.empty() || drifted.counts(model_.metric).empty()) return;
  latch_->reverse.update(watch_.recovery_gain(counts, drifted.counts(model_.metric)) / 2, core::total_calls(counts));
}

bool DriftJudge::absorbs(core::EventTime now) const {
  if (latch_->paged && !crept()) return false;
  return now - latch_->since >= (latch_->material ? kAbsorbTicketAfter : kAbsorbImmaterialAfter);
}

std::optional<core::Finding> DriftJudge::follow(const Observation& observation, const core::Counts& counts) {
  if (!latch_->several_modes && !crept()) weigh_recovery(counts);
  const core::EventTime now = observation.bucket.end;
  if (latch_->reverse.log_evidence() >= kLogResolve) {
    core::Finding finding = latch_->finding;
    finding.phase = core::FindingPhase::recovered;
    finding.evaluated_at = now;
    unlatch(true);
    return finding;
  }
  // The first calls after a pause say little of what it costs now.
  if (observation.bucket.start - last_end_ >= kPause && !latch_->deferred) {
    latch_->next_estimate = std::max(latch_->next_estimate, now + kEstimateAfterPause);
    latch_->deferred = true;
    mark_model_changed();
  }
  if (now < latch_->next_estimate) return std::nullopt;
  estimate(observation);
  core::Finding finding = latch_->finding;
  if (absorbs(now)) {
    finding.phase = core::FindingPhase::absorbed;
    absorb(observation);
  }
  return finding;
}

// Beside weeks of what was normal before, three days would hardly count: the same drift would be told again at once. A
// creep has been followed all the time, and what is too small to matter changes the baseline as little as it should.
void DriftJudge::absorb(const Observation& observation) {
  const Latch learned = *latch_;
  const bool crept_here = crept();
  unlatch(false);
  if (!learned.material || crept_here) return;
  Baseline before = baseline_;
  accept_since(learned.onset);
  anchor_.told(learned.finding.observed);
  const auto learn = [&] {
    baseline_.learn_due(observation.bucket.start, *observation.history, model_.metric, model_.family);
  };
  learn();
  if (enough()) return;
  baseline_ = std::move(before);  // three days of few calls would leave the series unwatched for more
  baseline_.trust_pending();
  learn();
}

void DriftJudge::accept_since(core::EventTime onset) {
  watch_.accept_since(onset);
  baseline_.restart_at(onset);
  lanes_.reset();
  mark_model_changed();
}

void DriftJudge::unlatch(bool forget_since_onset) {
  if (crept()) anchor_.told(latch_->finding.observed);
  if (forget_since_onset) {
    baseline_.drop_pending_since(latch_->onset);
    watch_.forget_since(latch_->onset, last_end_);
    // What went away by itself and was not worth a page is what this series does.
    if (!latch_->paged) watch_.excursion_ended(last_end_, latch_->finding.excess_so_far);
  }
  latch_.reset();
  lanes_.reset();
  watch_.restart_lanes();
  checked_calls_ = 0;
  hour_peak_ = -1e9;
  mark_model_changed();
}

}  // namespace costdrift::detectors
