// DriftJudge and its anchor: a drift too slow for a baseline that learns.
#include <algorithm>
#include <cmath>

#include "detectors/drift_judge.h"

namespace costdrift::detectors {
namespace {

constexpr core::Duration kLevelOfNow = core::days(2);
constexpr double kDayCalls = 100;  // fewer: the day's mean says little

}  // namespace

// A day with an incident in it says nothing about the level that goes on when the incident is over.
void DriftJudge::roll_day(const Observation& observation) {
  const core::EventTime day = core::floor_to(hour_, core::days(1));
  if (!day_disturbed_ && stats::moves_values(model_.family)) {
    const auto sum = observation.history->sum(day, day + core::days(1));
    const core::Counts& counts = sum.counts(model_.metric);
    if (core::total_calls(counts) >= kDayCalls) anchor_.day_ended(day, stats::mean_value(counts));
    if (anchor_.level_is_back(observation.budget.min_effect / 2)) anchor_.told(0);
  }
  day_disturbed_ = false;
}

// A latch whose effect is too small to matter, which steps of a creep cause again and again, gives way.
std::optional<Proposal> DriftJudge::by_anchor(const Observation& observation, std::optional<Proposal> otherwise) {
  const Budget& budget = observation.budget;
  const double log_evidence = anchor_.log_evidence();
  if (log_evidence < std::log(7 * budget.weeks_per_false_page())) return otherwise;
  const auto creep = anchor_.creep();
  if (creep.observed < creep.expected * (1 + budget.min_effect)) return otherwise;
  if (creep.observed < anchor_.told_level() * (1 + budget.min_effect)) return otherwise;
  const core::EventTime onset = core::floor_to(observation.bucket.start, core::days(1)) - kLevelOfNow;
  if (latch_) unlatch(false);
  return Proposal{DriftKind::crept, onset, std::min(creep.since, onset), onset, log_evidence, creep.expected};
}

}  // namespace costdrift::detectors
