#include "detectors/run_steps.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>

namespace costdrift::detectors {
namespace {

// Last step of each group; the last group has no end.
constexpr std::int64_t kGroupEnd[kStepGroups - 1] = {1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 24, 32, 48, 64, 96, 128};
constexpr std::int64_t kMaxDepth = 100'000;
constexpr double kZ80 = 1.2816;
constexpr double kMinStops = 10;
constexpr double kModelRuns = 30;

std::int64_t first_step(int group) { return group == 0 ? 1 : kGroupEnd[group - 1] + 1; }
constexpr int kLast = kStepGroups - 1;  // the group without end

void observe(const core::RunTransition& run, void (*add)(void*, std::int16_t, std::int32_t), void* context) {
  for (int group = 0; group < kLast; ++group) {
    const bool went_beyond = run.from_depth <= kGroupEnd[group] && run.to_depth > kGroupEnd[group];
    if (went_beyond) add(context, static_cast<std::int16_t>(2 * group + 1), 1);
  }
  if (run.ended && run.to_depth > 0) add(context, static_cast<std::int16_t>(2 * step_group(run.to_depth)), 1);
}

double tilted_stop(double stop, double odds) { return stop / (stop + odds * (1 - stop)); }

// The chance to go on at each single step, when the chance to stop anywhere in a group of `width` steps is `stop`.
double step_survival(double stop, std::int64_t width) { return std::pow(1 - stop, 1.0 / static_cast<double>(width)); }

// Per step, from the last groups that together have enough stops: one group would promise runs of thousands of steps
// after a few that happened to go on.
double survival_of_tail(const Hazards& hazards) {
  double stops = 0.5, steps = 1;
  for (int g = kLast - 1; g >= 0 && stops < kMinStops; --g) {
    stops += hazards.stops[g];
    steps += (hazards.trials[g] - hazards.stops[g] / 2) * static_cast<double>(group_width(g));
  }
  return 1 - std::min(0.5, stops / steps);
}

}  // namespace

int step_group(std::int64_t step) {
  return static_cast<int>(std::lower_bound(std::begin(kGroupEnd), std::end(kGroupEnd), step) - std::begin(kGroupEnd));
}

core::MetricSpec run_steps_metric() {
  return {.name = kRunSteps, .unit = "steps", .log_bins = false, .observe_run = observe};
}

stats::LaneFamily run_steps_family() {
  auto family = stats::odds_family(kRunStepBins, [](int bin) { return static_cast<double>(bin % 2); });
  family.stratum = [](int bin) { return bin / 2; };
  return family;
}

std::int64_t group_width(int group) {
  const int bounded = std::min(group, kLast - 1);
  return kGroupEnd[bounded] - first_step(bounded) + 1;
}

Hazards hazards_of(const core::Counts& counts) {
  Hazards hazards;
  for (const auto& item : counts) {
    const double times = static_cast<double>(item.weight) / core::kOneCall;
    hazards.trials[item.bin / 2] += times;
    if (item.bin % 2 == 0) hazards.stops[item.bin / 2] += times;
  }
  double survival = 0.5;  // per step
  for (int g = 0; g < kLast; ++g) {
    const std::int64_t width = group_width(g);
    hazards.stop[g] = hazards.trials[g] > 0 ? (hazards.stops[g] + 0.5) / (hazards.trials[g] + 1)
                                            : 1 - std::pow(survival, static_cast<double>(width));
    survival = step_survival(hazards.stop[g], width);
  }
  hazards.stop[kLast] = 1 - std::pow(survival_of_tail(hazards), static_cast<double>(group_width(kLast)));
  return hazards;
}

double ended_runs(const Hazards& hazards) {
  return std::accumulate(std::begin(hazards.stops), std::end(hazards.stops), 0.0);
}

double mean_depth(const Hazards& hazards, double odds) {
  double mean = 0, reached = 1;
  for (int g = 0; g < kLast; ++g) {
    const std::int64_t width = group_width(g);
    const double on = step_survival(tilted_stop(hazards.stop[g], odds), width);
    const auto steps = static_cast<double>(width);
    // Sum of a geometric series: the expected number of steps taken in the group.
    mean += on < 1 ? reached * (1 - std::pow(on, steps)) / (1 - on) : reached * steps;
    reached *= std::pow(on, steps);
  }
  return mean + reached / (1 - step_survival(hazards.stop[kLast], group_width(kLast)));
}

OddsFactor fit_odds(const Hazards& baseline, const core::Counts& counts, double inflation) {
  const Hazards now = hazards_of(counts);
  const auto expected_stops = [&](double odds) {
    double sum = 0;
    for (int g = 0; g < kLast; ++g) sum += now.trials[g] * tilted_stop(baseline.stop[g], odds);
    return sum;
  };
  double stops = 0;
  for (int g = 0; g < kLast; ++g) stops += now.stops[g];
  double low = std::log(1e-3), high = std::log(1e3);
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (expected_stops(std::exp(middle)) > stops + 0.5 ? low : high) = middle;
  }
  const double odds = std::exp((low + high) / 2);
  double information = 0.5;
  for (int g = 0; g < kLast; ++g) {
    const double stop = tilted_stop(baseline.stop[g], odds);
    information += now.trials[g] * stop * (1 - stop);
  }
  const double half = kZ80 * std::sqrt(inflation / information);
  return {odds, odds * std::exp(-half), odds * std::exp(half)};
}

Hazards drifted_hazards(const Hazards& baseline, double odds, const core::Counts& counts, double inflation) {
  Hazards now = hazards_of(counts);
  const double mixed_in = kModelRuns * inflation;
  for (int g = 0; g < kLast; ++g) {
    now.stop[g] = (now.stops[g] + mixed_in * tilted_stop(baseline.stop[g], odds)) / (now.trials[g] + mixed_in);
  }
  now.stop[kLast] = baseline.stop[kLast];
  return now;
}

std::int64_t survival_limit(const Hazards& hazards, double chance) {
  double survival = 1;
  double on = step_survival(hazards.stop[0] / 2, 1);
  for (std::int64_t step = 1; step < kMaxDepth; ++step) {
    const int g = step_group(step);
    if (g < kLast && step == first_step(g) && hazards.stops[g] >= kMinStops) {
      const double bound = (hazards.stops[g] - kZ80 * std::sqrt(hazards.stops[g])) / hazards.trials[g];
      on = step_survival(bound, group_width(g));
    }
    survival *= on;
    if (survival < chance) return step + 1;
  }
  return kMaxDepth;
}

}  // namespace costdrift::detectors
