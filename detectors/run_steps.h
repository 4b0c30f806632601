// run_steps: the metric of agent run depth, and what its counts say: hazards, mean depth, survival.
//
// For every step of a run one bin is counted: did the run go on after it, or stop? Steps are grouped (1..8 singly, then
// wider), and the odds of going on are judged within a group, so that drift shows mid-run, long before runs end.
#pragma once

#include <cstdint>

#include "core/bucket_summary.h"
#include "core/metric.h"
#include "detectors/stats/lanes.h"

namespace costdrift::detectors {

inline constexpr std::string_view kRunSteps = "run_steps";
inline constexpr int kStepGroups = 17;
inline constexpr int kRunStepBins = 2 * kStepGroups;  // bin = 2 * group + (1: went on, 0: stopped)

// The group of a step (1-based): 0..kStepGroups-1.
int step_group(std::int64_t step);

core::MetricSpec run_steps_metric();

// Odds of going on times 1.1 ... 9 within each group of steps.
stats::LaneFamily run_steps_family();

// The chance to stop after a step of each group.
struct Hazards {
  double stop[kStepGroups] = {};
  double trials[kStepGroups] = {};
  double stops[kStepGroups] = {};
};

// Empty groups take the hazard of the group before them.
Hazards hazards_of(const core::Counts& counts);

// Mean number of steps of a run under `hazards` with the odds of going on multiplied by `odds`.
double mean_depth(const Hazards& hazards, double odds);

// The common factor on the odds of going on that explains `counts`, with its 80 % interval.
struct OddsFactor {
  double odds = 1, low = 1, high = 1;
};
OddsFactor fit_odds(const Hazards& baseline, const core::Counts& counts, double inflation);

// The smallest depth that a run reaches with a chance below `chance`, by lower 90 % bounds of the hazards, so that a
// heavy tail of long runs raises the limit. Groups with fewer than ten stops take the bound of the group before.
std::int64_t survival_limit(const Hazards& hazards, double chance);

}  // namespace costdrift::detectors
