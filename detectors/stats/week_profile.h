// WeekProfile: what is usual at each time of the week, as a median over weeks of history.
//
// A profile has a level for each slot of 15 minutes or, where that is longer, one step. Levels are smoothed over their
// neighbours and interpolated within a slot's halves, neither of them across a jump of more than 0.25.
// Units    steps since 1970 (UTC); NaN: no value, or a slot that was never seen.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace costdrift::detectors::stats {

// How a week is divided. minutes_per_step divides 15, or is a multiple of it that divides 6 h.
struct WeekGrid {
  int minutes_per_step = 1;

  int steps_per_slot() const { return minutes_per_step < 15 ? 15 / minutes_per_step : 1; }
  int steps_per_week() const { return 7 * 24 * 60 / minutes_per_step; }
  int steps_per_6h() const { return 6 * 60 / minutes_per_step; }
  std::size_t slots() const { return static_cast<std::size_t>(steps_per_week() / steps_per_slot()); }
  std::int64_t step_in_week(std::int64_t step) const;
  std::size_t slot(std::int64_t step) const;
};

struct WeekProfile {
  WeekGrid grid;
  std::vector<double> levels;  // of each slot; NaN: never seen

  // In the middle of step `step`.
  double at(std::int64_t step) const;
};

// From the one with the fewest numbers to learn to the one with the most: one level; a course of the day plus a level
// of the weekday (Tukey's median polish, 1977); a level for each slot of the week.
enum class WeekShape : std::uint8_t { flat, daily, weekly };
inline constexpr std::array kWeekShapes = {WeekShape::flat, WeekShape::daily, WeekShape::weekly};

// `values[i]` belongs to step first_step + i. Those of the week `left_out`, counted from the first value, are not used;
// negative: all are.
WeekProfile learn_profile(WeekShape shape, std::span<const double> values, std::int64_t first_step, WeekGrid grid,
                          int left_out);

}  // namespace costdrift::detectors::stats
