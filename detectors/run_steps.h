// run_steps: the metric of agent run depth, and what its counts say: hazards, mean depth, survival.
//
// Steps fall into groups, 1 to 8 singly, then wider (9..12, 13..16, 17..24, ... 97..128, beyond). For every group that
// a run reaches one thing is counted: did it go on beyond the group, or stop in it? The odds of going on are judged
// within a group, so drift shows mid-run, long before runs end; and one long run is a handful of observations, not
// hundreds: the steps of one run are not independent. Source: discrete-time survival with log-spaced intervals (Cox
// 1972, 6).
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

// The chance that a run which reaches a group stops in it. The last group has no end: everything stops in it.
struct Hazards {
  double stop[kStepGroups] = {};
  double trials[kStepGroups] = {};
  double stops[kStepGroups] = {};
};

// The number of steps in a group (of the last one: of the one before).
std::int64_t group_width(int group);

// Lengths of runs have long tails: fewer ended runs than this say little about the next one.
inline constexpr double kMinRuns = 200;

// Empty groups take the hazard per step of the group before them, the last one that of the last groups with ten stops.
Hazards hazards_of(const core::Counts& counts);
double ended_runs(const Hazards& hazards);

// Mean number of steps of a run under `hazards` with the odds of going on multiplied by `odds`. Beyond the last group's
// begin nothing is counted, so runs that get there go on as they did before, whatever the odds.
double mean_depth(const Hazards& hazards, double odds);

// The common factor on the odds of going on that explains `counts`, with its 80 % interval.
struct OddsFactor {
  double odds = 1, low = 1, high = 1;
};
OddsFactor fit_odds(const Hazards& baseline, const core::Counts& counts, double inflation);

// The hazards since a change: as counted, with 30 runs of what `odds` says of the baseline mixed into each group. One
// factor dates and finds a drift; when there are many runs, their own lengths say better how long they are.
Hazards drifted_hazards(const Hazards& baseline, double odds, const core::Counts& counts, double inflation);

// The smallest depth that a run reaches with a chance below `chance`, by lower 90 % bounds of the hazards, so that a
// heavy tail of long runs raises the limit. Groups with fewer than ten stops take the bound of the group before.
std::int64_t survival_limit(const Hazards& hazards, double chance);

}  // namespace costdrift::detectors
