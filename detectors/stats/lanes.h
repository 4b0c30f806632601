// Lanes: the alternatives a change is tested against, each a transform of the series' own baseline histogram.
//
// "What would my histogram look like if every value were 200 larger / 1.25 times as large / if three times as many
// values lay beyond P99 / if the odds of a hit were twice as high?" No lane assumes a distribution.
// Source  Shiryaev-Roberts e-detectors with mixture alternatives: Shin, Ramdas, Rinaldo, "E-detectors", 2022.
#pragma once

#include <cstdint>
#include <vector>

#include "core/bucket_summary.h"

namespace costdrift::detectors::stats {

inline constexpr int kLanes = 8;

// Calls in a bin; those of a run count less than one each.
inline double calls(const core::BinCount& item) { return static_cast<double>(item.weight) / core::kOneCall; }

enum class LaneKind : std::uint8_t {
  shift,   // value + amount * median of the baseline
  scale,   // value * amount
  exceed,  // bins above quantile `quantile` reweighted by `amount`, then renormalised
  tilt,    // bin j reweighted by amount^score(j), then renormalised within its stratum; for two bins: odds * amount
};

struct Lane {
  LaneKind kind = LaneKind::tilt;
  double amount = 1;
  double quantile = 0;  // exceed only
};

// Exactly kLanes lanes over one kind of bins.
struct LaneFamily {
  std::vector<Lane> lanes;
  bool log_bins = true;  // bins of core/log_bins.h, grouped on baseline quantiles; otherwise each bin for itself
  int bins = 2;          // how many bins there are when not log_bins
  double (*score)(int bin) = nullptr;  // when not log_bins: 0..1, how much a bin belongs to the harmful side
  int (*stratum)(int bin) = nullptr;   // tilt: bins of one stratum share probability 1; nullptr: one stratum
};

// Sizes that grow: by a part of the median, or by a factor.
LaneFamily growth_family();
// The odds of the harmful side, by 1.18 to 9: less is below what anybody is told of.
std::vector<Lane> odds_lanes();
// Shares that move, by those odds. `bins` and `score` as in LaneFamily.
LaneFamily odds_family(int bins, double (*score)(int bin));

// Monotone map from bins to a few dozen groups.
class Grouping {
 public:
  // At most 36 groups: 4 % of probability each, finer below P4 (to P0.5) and above P92 (to P99.95), and one for what
  // was never seen; never splits a bin.
  static Grouping by_quantiles(const core::Counts& baseline);
  // Groups of `width` bins from bin `first` to bin `last`, and one beyond either end.
  static Grouping uniform(int first, int last, int width);
  // One group for each of the first `size` bins.
  static Grouping identity(int size);
  int size() const { return groups_; }
  // Made for the hot path: a table read.
  int group(int bin) const {
    if (bin < first_) return 0;
    const auto place = static_cast<std::size_t>(bin - first_);
    return place < group_of_.size() ? group_of_[place] : groups_ - 1;
  }

 private:
  // `last_bin`: the last bin of each group but the last one, rising.
  explicit Grouping(const std::vector<int>& last_bin);

  int groups_ = 1;
  int first_ = 0;                        // bins below it are of group 0
  std::vector<std::uint16_t> group_of_;  // of bins from first_ on; bins beyond are of the last group
};

// Log likelihood ratios of every lane against the null, per group, and what calibration needs of them.
struct LikelihoodTable {
  Grouping grouping = Grouping::identity(1);
  std::vector<double> log_ratio;   // [group * kLanes + lane]
  std::vector<double> null_prob;   // [group], adds up to 1 within each stratum
  std::vector<int> stratum;        // [group]
  // [lane]: sum (p_k - p_0)^2 / p_0, the information of one value; the mean over strata, weighed by their values.
  std::vector<double> chi_square;
  std::vector<double> prior;       // [lane], mean 1: chi_square^-0.2, what a lane weighs in the mixture
  double log_ratio_at(int group, int lane) const { return log_ratio[static_cast<std::size_t>(group * kLanes + lane)]; }
};

// T = 0.98 p_k / p_0 + 0.02 with add-half smoothing: no single value can count for less than -3.9 nats. Where there are
// strata, the log ratios of one that holds n values are shrunk by n / (n + 20): what is hardly known says little.
// The prior makes the delay of every lane the same multiple of what it would be alone: a lane of weight w / K waits for
// ln(K / w) nats more than the h = ln(A chi_square) or so that it needs anyway, and a smaller change needs less.
// The baseline must hold at least one call.
LikelihoodTable build_table(const LaneFamily& family, const core::Counts& baseline);

}  // namespace costdrift::detectors::stats
