#include "detectors/stats/modes.h"

#include <algorithm>
#include <cmath>

#include "detectors/stats/estimate.h"

namespace costdrift::detectors::stats {
namespace {

constexpr double kNoveltyPerCall = 0.05;
constexpr double kInUse = 0.05;     // weight from which a mode counts as seen again
constexpr double kSameShape = 0.8;  // weight from which a window belongs to one mode
constexpr double kMixtureCalls = 20'000;
constexpr core::Weight kStoredUnit = core::kOneCall / 16;  // what a saved mode counts in

void scale(core::Counts& counts, double factor) {
  for (auto& item : counts) {
    const auto units = std::llround(static_cast<double>(item.weight) * factor / static_cast<double>(kStoredUnit));
    item.weight = units * kStoredUnit;
  }
  std::erase_if(counts, [](const core::BinCount& item) { return item.weight <= 0; });
}

// The hull compares bins in pairs.
bool share_a_cell(int bin, int other) { return (bin + 1) / 2 == (other + 1) / 2; }

void fold_next(core::Counts& counts, std::size_t at) {
  core::BinCount& first = counts[at];
  const core::BinCount& second = counts[at + 1];
  if (second.weight > first.weight) first.bin = second.bin;
  first.weight += second.weight;
  counts.erase(counts.begin() + static_cast<std::ptrdiff_t>(at) + 1);
}

// First bins of one pair, then the neighbours that hold the fewest calls together become one, at the place of the
// heavier: nothing is lost, and what was rare stays where it was, give or take a bin. A wide distribution without its
// tails would make every tail a drift.
void fold_rarest(core::Counts& counts) {
  if (counts.size() <= Modes::kMaxBins) return;
  for (std::size_t i = 0; i + 1 < counts.size(); ++i) {
    if (share_a_cell(counts[i].bin, counts[i + 1].bin)) fold_next(counts, i);
  }
  while (counts.size() > Modes::kMaxBins) {
    std::size_t rarest = 0;
    for (std::size_t i = 1; i + 1 < counts.size(); ++i) {
      const auto together = [&](std::size_t at) { return counts[at].weight + counts[at + 1].weight; };
      if (together(i) < together(rarest)) rarest = i;
    }
    fold_next(counts, rarest);
  }
}

core::Counts as_mode(core::Counts counts) {
  fold_rarest(counts);
  scale(counts, std::min(1.0, Modes::kMaxCalls / core::total_calls(counts)));
  return counts;
}

}  // namespace

Shapes Modes::shapes() const {
  Shapes all;
  for (const auto& mode : modes_) all.push_back(&mode.counts);
  return all;
}

bool Modes::learn(const LaneFamily& family, const core::Counts& window, core::EventTime now) {
  if (core::total_calls(window) < kMinCalls) return false;
  if (!modes_.empty()) {
    const MixtureFit fitted = fit_null(family, window);
    if (explained(family, window, fitted)) {
      use(fitted, window, now);
      return false;
    }
  }
  core::Counts shape = as_mode(window);
  if (shape.empty()) return false;
  modes_.push_back({std::move(shape), now});
  if (modes_.size() > kMaxModes) {
    modes_.erase(std::min_element(modes_.begin(), modes_.end(),
                                  [](const Mode& a, const Mode& b) { return a.last_used < b.last_used; }));
  }
  return true;
}

bool Modes::explained(const LaneFamily& family, const core::Counts& window, const MixtureFit& fitted) const {
  return own_log_likelihood(family, window) - fitted.log_likelihood < kNoveltyPerCall * core::total_calls(window);
}

void Modes::use(const MixtureFit& fitted, const core::Counts& window, core::EventTime now) {
  for (std::size_t m = 0; m < modes_.size(); ++m) {
    if (fitted.weights[m] > kInUse) modes_[m].last_used = now;
  }
  const auto top = std::max_element(fitted.weights.begin(), fitted.weights.end());
  if (*top <= kSameShape) return;
  core::Counts& counts = modes_[static_cast<std::size_t>(top - fitted.weights.begin())].counts;
  core::merge_counts(counts, window);
  counts = as_mode(std::move(counts));
}

core::Counts Modes::mixture(const std::vector<double>& weights) const {
  core::Counts result;
  for (std::size_t m = 0; m < modes_.size(); ++m) {
    core::Counts part = modes_[m].counts;
    const double factor = weights[m] * kMixtureCalls / core::total_calls(part);
    for (auto& item : part) item.weight = std::llround(static_cast<double>(item.weight) * factor);
    std::erase_if(part, [](const core::BinCount& item) { return item.weight <= 0; });
    core::merge_counts(result, part);
  }
  return result;
}

double Modes::mean(const std::vector<double>& weights) const {
  double sum = 0;
  for (std::size_t m = 0; m < modes_.size(); ++m) sum += weights[m] * mean_value(modes_[m].counts);
  return sum;
}

double Modes::calls_behind(const std::vector<double>& weights) const {
  double variance = 0;
  for (std::size_t m = 0; m < modes_.size(); ++m) {
    variance += weights[m] * weights[m] / core::total_calls(modes_[m].counts);
  }
  return variance > 0 ? 1 / variance : 0;
}

void Modes::save(core::ByteWriter& out) const {
  out.u64(modes_.size());
  for (const auto& mode : modes_) {
    out.i64(mode.last_used.us);
    out.u64(mode.counts.size());
    int last = 0;
    for (const auto& item : mode.counts) {
      out.i64(item.bin - last);
      out.i64(item.weight / kStoredUnit);
      last = item.bin;
    }
  }
}

void Modes::restore(core::ByteReader& in) {
  modes_.assign(in.count(2), {});
  for (auto& mode : modes_) {
    mode.last_used = {in.i64()};
    mode.counts.resize(in.count(2));
    int last = 0;
    for (auto& item : mode.counts) {
      last += static_cast<int>(in.i64());
      item.bin = static_cast<std::int16_t>(last);
      item.weight = in.i64() * kStoredUnit;
    }
  }
}

}  // namespace costdrift::detectors::stats
