// What a new series is judged by before it knows its own day: siblings, and wide gates.
#include <algorithm>

#include "core/time.h"
#include "detectors/drift_judge.h"
#include "detectors/money_gate.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kFirstDay = core::hours(24);
constexpr double kFirstDayHarm = 0.3;
constexpr double kFirstDayBurden = 0.1;  // of a day's dollars
constexpr core::Duration kAskAgain = core::minutes(5);

}  // namespace

bool DriftJudge::first_day(core::EventTime now) const {
  return baseline_.first_hour() == core::EventTime::max() || now - baseline_.first_hour() < kFirstDay;
}

// A new series takes what the others have in common, and gives its own share when its first day is learned.
void DriftJudge::meet_siblings(Siblings& siblings) {
  if (last_end_ == core::EventTime::min()) {
    if (const auto prior = siblings.prior(model_.metric, model_.family)) baseline_.begin_from(*prior, model_.family);
    return;
  }
  if (contributed_ || latch_ || first_day(last_end_) || baseline_.own_calls() < Baseline::kMinCalls) return;
  siblings.contribute(model_.metric, model_.family, baseline_.counts(), baseline_.inflation());
  contributed_ = true;
  mark_model_changed();
}

// The first day is learned whatever it showed, unless it was told of.
void DriftJudge::end_first_day() {
  if (latch_ || !baseline_.has_siblings()) return;
  baseline_.trust_pending();
  lanes_.reset();
}

// Hours differ on a first day in ways that nobody knows yet; what is larger than that is told.
bool DriftJudge::found_on_first_day(const Observation& observation, const Proposal& proposal) {
  const core::EventTime now = observation.bucket.end;
  if (rejected_at_ != core::EventTime::min() && now - rejected_at_ < kAskAgain) return false;
  rejected_at_ = now;
  const core::BucketSummary since = observation.history->sum(proposal.onset, now);
  if (since.counts(model_.metric).empty()) return false;
  const core::Finding finding = finding_of(observation, proposal, since, nullptr);
  return core::material(finding, observation.budget.min_effect) && finding.harm_low >= kFirstDayHarm;
}

core::NanoUsd DriftJudge::money_floor(core::EventTime now, const Budget& budget) const {
  const core::NanoUsd floor = watch_.money_floor(now, budget.false_pages_per_week);
  if (!first_day(now) || baseline_.own_calls() <= 0) return floor;
  const auto part = model_.symptom ? core::CostPart::volume : model_.cost_part;
  const double usd_per_call = core::to_usd(at_stake(part, baseline_.totals())) / baseline_.own_calls();
  return std::max(floor, core::from_usd(kFirstDayBurden * usd_per_call * baseline_.calls_per_week() / 7));
}

}  // namespace costdrift::detectors
