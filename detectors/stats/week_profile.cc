#include "detectors/stats/week_profile.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "detectors/stats/median.h"

namespace costdrift::detectors::stats {
namespace {

constexpr std::size_t kDays = 7;
constexpr double kJump = 0.25;

// Half of each neighbour that is not beyond a jump.
WeekProfile smoothed(WeekGrid grid, const std::vector<double>& medians) {
  WeekProfile result{.grid = grid, .levels = medians};
  for (std::size_t i = 0; i < medians.size(); ++i) {
    double sum = medians[i], weight = 1;
    for (const std::size_t j : {(i + medians.size() - 1) % medians.size(), (i + 1) % medians.size()}) {
      if (!(std::abs(medians[j] - medians[i]) < kJump)) continue;
      sum += 0.5 * medians[j];
      weight += 0.5;
    }
    result.levels[i] = sum / weight;
  }
  return result;
}

// The values of each slot.
using Slots = std::vector<std::vector<double>>;

double level_of(std::vector<double> values) {
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : median(std::move(values));
}

std::vector<double> flat(const Slots& slots) {
  std::vector<double> all;
  for (const auto& values : slots) all.insert(all.end(), values.begin(), values.end());
  return std::vector<double>(slots.size(), level_of(std::move(all)));
}

std::vector<double> weekly(const Slots& slots) {
  std::vector<double> levels;
  for (const std::vector<double>& values : slots) levels.push_back(level_of(values));
  return levels;
}

// Median of what is left in each group of slots when `taken_off` each slot is taken off.
std::vector<double> medians_of(const Slots& slots, std::size_t groups, const auto& group, const auto& taken_off) {
  Slots grouped(groups);
  for (std::size_t slot = 0; slot < slots.size(); ++slot)
    for (const double value : slots[slot]) grouped[group(slot)].push_back(value - taken_off(slot));
  return weekly(grouped);
}

std::vector<double> daily(const Slots& slots) {
  const std::size_t per_day = slots.size() / kDays;
  const auto day = [&](std::size_t slot) { return slot / per_day; };
  const auto time = [&](std::size_t slot) { return slot % per_day; };
  std::vector<double> of_day(kDays, 0.0), of_time(per_day, 0.0);
  for (int round = 0; round < 2; ++round) {
    of_time = medians_of(slots, per_day, time, [&](std::size_t slot) { return of_day[day(slot)]; });
    of_day = medians_of(slots, kDays, day, [&](std::size_t slot) { return of_time[time(slot)]; });
  }
  std::vector<double> levels;
  for (std::size_t slot = 0; slot < slots.size(); ++slot) levels.push_back(of_time[time(slot)] + of_day[day(slot)]);
  return levels;
}

}  // namespace

std::int64_t WeekGrid::step_in_week(std::int64_t step) const {
  const std::int64_t week = steps_per_week();
  return (step % week + week) % week;
}

std::size_t WeekGrid::slot(std::int64_t step) const {
  return static_cast<std::size_t>(step_in_week(step) / steps_per_slot());
}

double WeekProfile::at(std::int64_t step) const {
  const std::size_t slot = grid.slot(step);
  const double here = levels[slot];
  // Distance of the step's middle from the slot's middle, in slots.
  const int in_slot = static_cast<int>(grid.step_in_week(step) % grid.steps_per_slot());
  const double offset = (in_slot + 0.5) / grid.steps_per_slot() - 0.5;
  const std::size_t next = (slot + (offset < 0 ? grid.slots() - 1 : 1)) % grid.slots();
  const double step_up = levels[next] - here;
  if (!(std::abs(step_up) <= kJump)) return here;  // also when the neighbour was never seen
  return here + std::abs(offset) * step_up;
}

WeekProfile learn_profile(WeekShape shape, std::span<const double> values, std::int64_t first_step, WeekGrid grid,
                          int left_out) {
  Slots slots(grid.slots());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (static_cast<int>(i) / grid.steps_per_week() != left_out && std::isfinite(values[i]))
      slots[grid.slot(first_step + static_cast<std::int64_t>(i))].push_back(values[i]);
  switch (shape) {
    case WeekShape::flat:
      return smoothed(grid, flat(slots));
    case WeekShape::daily:
      return smoothed(grid, daily(slots));
    case WeekShape::weekly:
      break;
  }
  return smoothed(grid, weekly(slots));
}

}  // namespace costdrift::detectors::stats
