#include "detectors/stats/level_shift.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "detectors/stats/median.h"

namespace costdrift::detectors::stats {
namespace {

constexpr std::size_t kLast = 6;
constexpr std::size_t kMinEarlier = 5;
constexpr std::size_t kMinWindows = 8;
constexpr std::size_t kMaxEarlier = 50;
constexpr core::Duration kWithin = core::hours(72);
constexpr double kLeastRise = 0.22314355131420976;  // ln 1.25
constexpr double kBeyondSeen = 0.0953;              // ln 1.1
constexpr double kSdPerMad = 1.4826;

double highest_rolling_median(std::span<const double> logs) {
  double highest = -1e9;
  for (std::size_t i = 0; i + kLast <= logs.size(); ++i) {
    const auto part = logs.subspan(i, kLast);
    highest = std::max(highest, median({part.begin(), part.end()}));
  }
  return highest;
}

}  // namespace

std::optional<LevelShift> level_shift(const std::vector<WindowMean>& windows) {
  if (windows.size() < std::max(kMinWindows, kLast + kMinEarlier)) return std::nullopt;
  std::vector<double> logs;
  for (const auto& window : windows) logs.push_back(std::log(window.mean));
  std::vector<double> last(logs.end() - kLast, logs.end());
  const std::size_t earlier_end = logs.size() - kLast;
  const std::size_t earlier_begin = earlier_end - std::min(earlier_end, kMaxEarlier);
  if (windows.back().end - windows[earlier_end].end > kWithin) return std::nullopt;
  const std::span<const double> earlier(logs.data() + earlier_begin, earlier_end - earlier_begin);
  const double usual = median({earlier.begin(), earlier.end()});
  std::vector<double> deviations;
  for (const double value : earlier) deviations.push_back(std::abs(value - usual));
  const double spread = kSdPerMad * median(std::move(deviations));
  const double level = median(last);
  std::sort(last.begin(), last.end());
  const bool risen = level - usual > std::max(kLeastRise, 2 * spread + 0.02);
  const bool unheard_of = level > highest_rolling_median(earlier) + kBeyondSeen;
  const bool lasting = last[1] > usual + kLeastRise / 2;
  if (!risen || !unheard_of || !lasting) return std::nullopt;
  return LevelShift{std::exp(usual), std::exp(level), windows[earlier_end - 1].end};
}

}  // namespace costdrift::detectors::stats
