#include "detectors/stats/estimate.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <vector>

#include "core/log_bins.h"
#include "detectors/stats/lanes.h"

namespace costdrift::detectors::stats {
namespace {

constexpr double kChi80 = 1.642;  // 80 % quantile of chi square with one degree of freedom
constexpr double kZ80 = 1.2816;   // two-sided 80 %: one-sided 90 %

double calls(const core::BinCount& item) { return static_cast<double>(item.weight) / core::kOneCall; }

// The likelihood of `since` under the baseline moved by shift and scale, on the baseline's own quantile groups.
class GrowthLikelihood {
 public:
  GrowthLikelihood(const core::Counts& baseline, const core::Counts& since)
      : baseline_(baseline), grouping_(Grouping::by_quantiles(spread(baseline, since))), seen_(mass_of(since)) {}

  double operator()(double shift, double scale) const {
    Eigen::ArrayXd mass = Eigen::ArrayXd::Constant(grouping_.size(), 0.5);
    for (const auto& item : baseline_) {
      const double value = core::log_bin_value(item.bin) * scale + shift;
      mass[grouping_.group(core::log_bin(std::llround(value * 0.995)))] += calls(item) / 2;
      mass[grouping_.group(core::log_bin(std::llround(value * 1.005)))] += calls(item) / 2;
    }
    return (seen_ * (mass / mass.sum()).log()).sum();
  }

 private:
  // Groups on both histograms together, so that neither side falls into one group.
  static core::Counts spread(const core::Counts& baseline, const core::Counts& since) {
    core::Counts both = baseline;
    const double ratio = core::total_calls(baseline) / std::max(core::total_calls(since), 1e-9);
    core::Counts scaled = since;
    for (auto& item : scaled)
      item.weight = std::max<core::Weight>(1, std::llround(static_cast<double>(item.weight) * ratio));
    core::merge_counts(both, scaled);
    return both;
  }
  Eigen::ArrayXd mass_of(const core::Counts& counts) const {
    Eigen::ArrayXd mass = Eigen::ArrayXd::Zero(grouping_.size());
    for (const auto& item : counts) mass[grouping_.group(item.bin)] += calls(item);
    return mass;
  }

  const core::Counts& baseline_;
  Grouping grouping_;
  Eigen::ArrayXd seen_;
};

struct Candidate {
  double effect = 0;
  double log_likelihood = 0;
};

// Candidate effects: 0 to 30 % by 1 %, then growing by 3 %, up to twelve times the baseline.
std::vector<double> effect_grid() {
  std::vector<double> grid;
  for (double effect = 0; effect < 0.3; effect += 0.01) grid.push_back(effect);
  for (double factor = 1.3; factor < 12; factor *= 1.03) grid.push_back(factor - 1);
  return grid;
}

// The best effect of one family and its interval, by a grid and one refinement around the best point.
template <class LikelihoodOf>
Effect profile(const LikelihoodOf& likelihood_of, double inflation, double& best_likelihood) {
  std::vector<Candidate> all;
  for (const double effect : effect_grid()) all.push_back({effect, likelihood_of(effect)});
  const auto better = [](const Candidate& a, const Candidate& b) { return a.log_likelihood < b.log_likelihood; };
  const auto coarse = std::max_element(all.begin(), all.end(), better);
  const double step = coarse->effect < 0.3 ? 0.01 : 0.03 * (1 + coarse->effect);
  const double center = coarse->effect;
  for (int i = -9; i <= 9; ++i) {
    const double effect = center + step * i / 10;
    if (i != 0 && effect > 0) all.push_back({effect, likelihood_of(effect)});
  }
  const auto best = std::max_element(all.begin(), all.end(), better);
  Effect result{.effect = best->effect, .low = best->effect, .high = best->effect};
  for (const auto& candidate : all) {
    if (2 * (best->log_likelihood - candidate.log_likelihood) / inflation > kChi80) continue;
    result.low = std::min(result.low, candidate.effect);
    result.high = std::max(result.high, candidate.effect);
  }
  best_likelihood = best->log_likelihood;
  return result;
}

}  // namespace

Effect fit_growth(const core::Counts& baseline, const core::Counts& since, double inflation) {
  const GrowthLikelihood likelihood(baseline, since);
  const double mean = mean_value(baseline);
  double shift_likelihood = 0, scale_likelihood = 0;
  const Effect by_shift =
      profile([&](double effect) { return likelihood(effect * mean, 1); }, inflation, shift_likelihood);
  const Effect by_scale =
      profile([&](double effect) { return likelihood(0, 1 + effect); }, inflation, scale_likelihood);
  Effect result = shift_likelihood >= scale_likelihood ? by_shift : by_scale;
  result.expected = mean;
  result.observed = mean * (1 + result.effect);
  return result;
}

Effect fit_rate(double hits_before, double trials_before, double hits_since, double trials_since, double inflation) {
  const double before = std::max(hits_before, 0.5) / std::max(trials_before, 1.0);
  const double n = std::max(trials_since, 1e-9) / inflation;
  const double rate = hits_since / std::max(trials_since, 1e-9);
  const double z2 = kZ80 * kZ80;
  const double center = (rate + z2 / (2 * n)) / (1 + z2 / n);
  const double half = kZ80 * std::sqrt(rate * (1 - std::min(rate, 1.0)) / n + z2 / (4 * n * n)) / (1 + z2 / n);
  return {.expected = before,
          .observed = rate,
          .effect = rate / before - 1,
          .low = std::max(0.0, center - half) / before - 1,
          .high = (center + half) / before - 1};
}

Effect fit_exceedance(const core::Counts& baseline, const core::Counts& since, int bin_limit, double inflation) {
  const auto above = [&](const core::Counts& counts) {
    double sum = 0;
    for (const auto& item : counts) {
      if (item.bin > bin_limit) sum += calls(item);
    }
    return sum;
  };
  return fit_rate(above(baseline), core::total_calls(baseline), above(since), core::total_calls(since), inflation);
}

int quantile_bin(const core::Counts& counts, double q) {
  const double wanted = q * core::total_calls(counts);
  double seen = 0;
  for (const auto& item : counts) {
    seen += calls(item);
    if (seen >= wanted) return item.bin;
  }
  return counts.empty() ? 0 : counts.back().bin;
}

double quantile(const core::Counts& counts, double q) {
  return counts.empty() ? 0 : core::log_bin_value(quantile_bin(counts, q));
}

double mean_value(const core::Counts& counts) {
  double sum = 0, n = 0;
  for (const auto& item : counts) {
    sum += core::log_bin_value(item.bin) * calls(item);
    n += calls(item);
  }
  return n > 0 ? sum / n : 0;
}

}  // namespace costdrift::detectors::stats
