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
constexpr int kParts = 8;         // of a bin that is moved
constexpr double kHalfBin = 0.0099, kLogBin = 0.0198;
constexpr double kNeighbours = 0.3;
constexpr int kFurthest = 25;  // bins: half of the value
constexpr double kMaxGrowth = 12;
constexpr double kModelNoise = 1.15;  // of the smoothed baseline; covers as stated (estimate_test)
constexpr double kEnvelope = 5;       // nats below the best point that still shape the parabola
constexpr std::size_t kStride = 4;    // of the first look at the grid
constexpr double kTeeth = 15;         // nats by which a point may stand out between two of the first look

// The likelihood of `since` under the baseline moved by shift and scale, on groups that depend on the baseline's width
// alone: groups that followed the calls since onset would make a likelihood with teeth.
class GrowthLikelihood {
 public:
  GrowthLikelihood(const core::Counts& baseline, const core::Counts& since)
      : grouping_(even_groups(baseline)), seen_(mass_of(since)) {
    const std::vector<double> reach = reach_of(baseline);
    for (std::size_t i = 0; i < baseline.size(); ++i) spread(baseline[i], reach[i]);
  }

  double operator()(double shift, double scale) const {
    Eigen::ArrayXd mass = Eigen::ArrayXd::Constant(grouping_.size(), 0.5);
    for (const Point& point : baseline_)
      mass[grouping_.group(core::log_bin(rounded(point.value * scale + shift)))] += point.calls;
    return (seen_ * (mass / mass.sum()).log()).sum();
  }

 private:
  struct Point {
    double value = 0, calls = 0;
  };

  // A bin is a range, and a baseline a sample: were its mass moved as one point, the likelihood would have teeth, and
  // the place of the best one would be chance.
  void spread(const core::BinCount& item, double reach) {
    const double value = core::log_bin_value(item.bin);
    for (int part = 0; part < kParts; ++part)
      baseline_.push_back({value * std::exp(reach * ((2.0 * part + 1) / kParts - 1)), calls(item) / kParts});
  }
  // For each bin how far its mass is spread, in logarithms: as far as the nearest n^0.8 k of n calls lie, which follows
  // the density, and so keeps apart what the series keeps apart (k nearest neighbours: Loftsgaarden, Quesenberry 1965).
  static std::vector<double> reach_of(const core::Counts& baseline) {
    double n = 0;
    for (const auto& item : baseline) n += calls(item);
    const double wanted = kNeighbours * std::pow(n, 0.8);
    std::vector<double> reach;
    for (std::size_t i = 0; i < baseline.size(); ++i) {
      std::size_t below = i, above = i;
      double seen = calls(baseline[i]);
      const auto distance = [&](std::size_t at) { return std::abs(baseline[at].bin - baseline[i].bin); };
      int furthest = 0;
      while (seen < wanted && furthest < kFurthest && (below > 0 || above + 1 < baseline.size())) {
        const bool down = above + 1 == baseline.size() || (below > 0 && distance(below - 1) <= distance(above + 1));
        const std::size_t next = down ? --below : ++above;
        seen += calls(baseline[next]);
        furthest = distance(next);
      }
      reach.push_back(kHalfBin + std::min(furthest, kFurthest) * kLogBin);
    }
    return reach;
  }
  // Of what is not negative; std::llround takes a third of the time of the whole.
  static std::int64_t rounded(double value) { return static_cast<std::int64_t>(value + 0.5); }

  // About seven groups a standard deviation of the logarithm, up to the largest growth that is tried.
  static Grouping even_groups(const core::Counts& baseline) {
    double n = 0, mean = 0, square = 0;
    for (const auto& item : baseline) {
      n += calls(item);
      mean += calls(item) * item.bin;
      square += calls(item) * item.bin * item.bin;
    }
    const double sd = std::sqrt(std::max(0.0, square / n - mean * mean / n / n));
    const int last = baseline.back().bin + static_cast<int>(std::log(kMaxGrowth) / std::log(core::kBinRatio));
    return Grouping::uniform(baseline.front().bin, last, std::max(1, static_cast<int>(std::lround(0.15 * sd))));
  }
  Eigen::ArrayXd mass_of(const core::Counts& counts) const {
    Eigen::ArrayXd mass = Eigen::ArrayXd::Zero(grouping_.size());
    for (const auto& item : counts) mass[grouping_.group(item.bin)] += calls(item);
    return mass;
  }

  std::vector<Point> baseline_;
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
  for (double factor = 1.3; factor < kMaxGrowth; factor *= 1.03) grid.push_back(factor - 1);
  return grid;
}

// The parabola through the top of a profile: the sampling noise of the baseline puts teeth on the likelihood, and only
// their envelope says where the maximum is and how sharp. False: the points do not bend down.
bool fit_parabola(const std::vector<Candidate>& points, double& vertex, double& curvature) {
  const auto n = static_cast<Eigen::Index>(points.size());
  if (n < 4) return false;
  Eigen::MatrixXd design(n, 3);
  Eigen::VectorXd value(n);
  const double center = points.front().effect;
  for (Eigen::Index i = 0; i < n; ++i) {
    const double x = points[static_cast<std::size_t>(i)].effect - center;
    design.row(i) << 1, x, x * x;
    value[i] = points[static_cast<std::size_t>(i)].log_likelihood;
  }
  const Eigen::Vector3d fit = design.colPivHouseholderQr().solve(value);
  curvature = -2 * fit[2];
  if (!(curvature > 0)) return false;
  vertex = center + fit[1] / curvature;
  return true;
}

// Every fourth point of the grid, and those between two of which one is not hopeless: a likelihood is dear.
template <class LikelihoodOf>
std::vector<Candidate> worthwhile(const LikelihoodOf& likelihood_of, double hopeless_below_best) {
  const std::vector<double> grid = effect_grid();
  std::vector<Candidate> coarse, all;
  double best = -1e300;
  for (std::size_t i = 0; i < grid.size(); i += kStride) {
    coarse.push_back({grid[i], likelihood_of(grid[i])});
    best = std::max(best, coarse.back().log_likelihood);
  }
  const auto hopeless = [&](std::size_t i) {
    return i >= coarse.size() || best - coarse[i].log_likelihood > hopeless_below_best;
  };
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const std::size_t before = i / kStride;
    if (i % kStride == 0) {
      all.push_back(coarse[before]);
    } else if (!hopeless(before) || !hopeless(before + 1)) {
      all.push_back({grid[i], likelihood_of(grid[i])});
    }
  }
  return all;
}

// The best effect of one family and its interval: a grid, a finer grid around the best point, and the envelope of all
// points that are not hopeless.
template <class LikelihoodOf>
Effect profile(const LikelihoodOf& likelihood_of, double inflation, double baseline_noise, double& best_likelihood) {
  std::vector<Candidate> all = worthwhile(likelihood_of, kEnvelope * inflation + kTeeth);
  const auto better = [](const Candidate& a, const Candidate& b) { return a.log_likelihood < b.log_likelihood; };
  const Candidate coarse = *std::max_element(all.begin(), all.end(), better);
  const double step = coarse.effect < 0.3 ? 0.01 : 0.03 * (1 + coarse.effect);
  for (int i = -9; i <= 9; i += 2) {
    const double effect = coarse.effect + step * i / 10;
    if (effect > 0) all.push_back({effect, likelihood_of(effect)});
  }
  const Candidate best = *std::max_element(all.begin(), all.end(), better);
  best_likelihood = best.log_likelihood;
  std::erase_if(all,
                [&](const Candidate& c) { return best.log_likelihood - c.log_likelihood > kEnvelope * inflation; });
  Effect result{.effect = best.effect, .low = best.effect - step, .high = best.effect + step};
  double vertex = 0, curvature = 0;
  const auto [least, most] = std::minmax_element(
      all.begin(), all.end(), [](const Candidate& a, const Candidate& b) { return a.effect < b.effect; });
  const double from = least->effect, to = most->effect;
  if (fit_parabola(all, vertex, curvature)) {
    const double half = kModelNoise * kZ80 * std::sqrt(inflation * baseline_noise / curvature);
    result.effect = std::clamp(vertex, from, to);
    result.low = result.effect - half;
    result.high = result.effect + half;
  }
  result.low = std::max(0.0, result.low);
  return result;
}

struct Moments {
  double n = 0, mean = 0, variance = 0;
};

Moments moments_of(const core::Counts& counts) {
  Moments moments;
  double square = 0;
  for (const auto& item : counts) {
    const double value = core::log_bin_value(item.bin);
    moments.n += calls(item);
    moments.mean += calls(item) * value;
    square += calls(item) * value * value;
  }
  if (moments.n <= 0) return {};
  moments.mean /= moments.n;
  moments.variance = std::max(square / moments.n - moments.mean * moments.mean, 0.0);
  return moments;
}

}  // namespace

Effect fit_growth(const core::Counts& baseline, const core::Counts& since, double inflation) {
  const GrowthLikelihood likelihood(baseline, since);
  const double mean = mean_value(baseline);
  // Both are samples: the error of a place has variance 1/n + 1/N of one call.
  const double noise = 1 + core::total_calls(since) / core::total_calls(baseline);
  double shift_likelihood = 0, scale_likelihood = 0;
  const Effect by_shift =
      profile([&](double effect) { return likelihood(effect * mean, 1); }, inflation, noise, shift_likelihood);
  const Effect by_scale =
      profile([&](double effect) { return likelihood(0, 1 + effect); }, inflation, noise, scale_likelihood);
  Effect result = shift_likelihood >= scale_likelihood ? by_shift : by_scale;
  if (2 * std::abs(shift_likelihood - scale_likelihood) / inflation <= kChi80) {
    // The calls cannot tell the two families apart: the interval covers both.
    result.low = std::min(by_shift.low, by_scale.low);
    result.high = std::max(by_shift.high, by_scale.high);
  }
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

Effect fit_quantile(const core::Counts& baseline, const core::Counts& since, double q, double inflation) {
  const double n = std::max(core::total_calls(since) / inflation, 1.0);
  const double half = kZ80 * std::sqrt(q * (1 - q) / n);
  const double expected = quantile(baseline, q);
  const auto relative = [&](double at) { return quantile(since, std::min(at, 1.0)) / expected - 1; };
  return {.expected = expected,
          .observed = quantile(since, q),
          .effect = relative(q),
          .low = relative(q - half),
          .high = relative(q + half)};
}

Effect fit_mean(const core::Counts& baseline, const core::Counts& since, double inflation) {
  const Moments before = moments_of(baseline), after = moments_of(since);
  // A mean of nothing counts as one in all that was seen.
  const double expected = std::max(before.mean, 1 / std::max(before.n, 1.0));
  const double error =
      std::sqrt(inflation * (after.variance / std::max(after.n, 1.0) + before.variance / std::max(before.n, 1.0)));
  return {.expected = before.mean,
          .observed = after.mean,
          .effect = after.mean / expected - 1,
          .low = (after.mean - kZ80 * error) / expected - 1,
          .high = (after.mean + kZ80 * error) / expected - 1};
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
