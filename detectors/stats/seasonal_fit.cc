// How SeasonalModel is learned.
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "detectors/stats/median.h"
#include "detectors/stats/seasonal.h"

namespace costdrift::detectors::stats {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr int kLags = 12;
constexpr double kWinsor = 5;
constexpr double kMaxPhi = 0.995;

class Fit {
 public:
  Fit(std::span<const double> values, std::int64_t first, WeekGrid grid, double floor)
      : values_(values), first_(first), grid_(grid) {
    model_.floor = floor;
  }

  std::optional<SeasonalModel> run() {
    const auto weeks = static_cast<int>(std::ssize(values_) / grid_.steps_per_week());
    if (weeks < kMinWeeks) return std::nullopt;
    // Whole weeks, the newest ones.
    const auto used = static_cast<std::size_t>(weeks * grid_.steps_per_week());
    first_ += static_cast<std::int64_t>(values_.size() - used);
    values_ = values_.last(used);
    choose_profile(weeks);
    fit_noise();
    fit_residuals();
    if (!(model_.sa2 + model_.v0 + model_.v1 > 0)) return std::nullopt;
    fit_cumulants();
    fit_tail();
    return model_;
  }

 private:
  std::int64_t step(std::size_t i) const { return first_ + static_cast<std::int64_t>(i); }
  int week(std::size_t i) const { return static_cast<int>(i) / grid_.steps_per_week(); }

  std::vector<WeekProfile> each_week_left_out(WeekShape shape, int weeks) const {
    std::vector<WeekProfile> profiles;
    for (int week = 0; week < weeks; ++week) profiles.push_back(learn_profile(shape, values_, first_, grid_, week));
    return profiles;
  }

  // Mean absolute error of weeks foretold by the others.
  double error(const std::vector<WeekProfile>& without) const {
    double sum = 0, n = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double miss = std::abs(values_[i] - without[static_cast<std::size_t>(week(i))].at(step(i)));
      if (!std::isfinite(miss)) continue;
      sum += miss;
      ++n;
    }
    return n > 0 ? sum / n : std::numeric_limits<double>::infinity();
  }

  void choose_profile(int weeks) {
    double smallest = std::numeric_limits<double>::infinity();
    for (const WeekShape shape : kWeekShapes) {
      std::vector<WeekProfile> without = each_week_left_out(shape, weeks);
      const double its_error = error(without);
      if (its_error >= smallest && !without_.empty()) continue;
      smallest = its_error;
      model_.profile = learn_profile(shape, values_, first_, grid_, -1);
      without_ = std::move(without);
    }
  }

  // NaN where there is no value or less than the floor is usual.
  double residual(const WeekProfile& profile, std::size_t i) const {
    const double usual = profile.at(step(i));
    return usual >= model_.floor ? values_[i] - usual : kNone;
  }

  // Half the squared one-step difference holds the noise and little of the slow part; it is regressed on exp(-s),
  // weighted by exp(2 s) because it varies by its own size.
  void fit_noise() {
    Eigen::Matrix2d normal = Eigen::Matrix2d::Zero();
    Eigen::Vector2d target = Eigen::Vector2d::Zero();
    for (std::size_t i = 1; i < values_.size(); ++i) {
      const double level = model_.profile.at(step(i));
      const double step = residual(model_.profile, i) - residual(model_.profile, i - 1);
      if (!std::isfinite(step)) continue;
      const Eigen::Vector2d x(std::exp(level), 1);  // of (1, exp(-s)), times exp(s)
      normal += x * x.transpose();
      target += x * (std::min(step * step / 2, 2.0) * std::exp(level));
    }
    if (normal.determinant() <= 0) return;
    const Eigen::Vector2d v = normal.inverse() * target;
    model_.v1 = std::max(0.0, v[1]);
    // Part of the constant is the one-step change of the AR(1) process.
    model_.v0 = std::max(0.0, v[0]) * 0.5 + 1e-4;
  }

  // Out-of-sample residuals, winsorised and centred; 0 where there is no value.
  void take_residuals() {
    residuals_ = Eigen::ArrayXd::Zero(std::ssize(values_));
    std::vector<double> sizes;
    std::vector<bool> seen(values_.size(), false);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double r = residual(without_[static_cast<std::size_t>(week(i))], i);
      if (!std::isfinite(r)) continue;
      seen[i] = true;
      residuals_[static_cast<Eigen::Index>(i)] = r;
      sizes.push_back(std::abs(r));
    }
    count_ = static_cast<double>(sizes.size());
    const double limit = sizes.empty() ? 0 : kWinsor * 1.4826 * median(std::move(sizes));
    residuals_ = residuals_.max(-limit).min(limit);
    const double mean = count_ > 0 ? residuals_.sum() / count_ : 0;
    for (std::size_t i = 0; i < seen.size(); ++i)
      if (seen[i]) residuals_[static_cast<Eigen::Index>(i)] -= mean;
  }

  double autocovariance(Eigen::Index lag) const {
    const Eigen::Index pairs = residuals_.size() - lag;
    return (residuals_.head(pairs) * residuals_.tail(pairs)).sum() / std::max(count_, 1.0);
  }

  void fit_residuals() {
    take_residuals();
    std::array<double, kLags + 1> g{};
    for (int lag = 0; lag <= kLags; ++lag) g[static_cast<std::size_t>(lag)] = autocovariance(lag);
    double above = 0, below = 0;
    for (std::size_t lag = 1; lag < kLags; ++lag) {
      above += g[lag + 1];
      below += g[lag];
    }
    const bool remembers = below > 0.02 * g[0] * (kLags - 1);
    model_.phi = remembers ? std::clamp(above / below, 0.0, kMaxPhi) : 0;
    if (model_.phi > 0.02) {
      model_.sa2 = std::clamp(g[1] / model_.phi, 0.0, 0.98 * g[0]);
    } else {
      model_.phi = model_.sa2 = model_.v1 = 0;
      model_.v0 = g[0];
    }
    fit_slow(g[0]);
  }

  void fit_slow(double variance) {
    const Eigen::Index block = grid_.steps_per_6h();
    const Eigen::Index blocks = residuals_.size() / block;
    if (blocks < 2) return;
    const Eigen::ArrayXd means =
        Eigen::Map<const Eigen::ArrayXXd>(residuals_.data(), block, blocks).colwise().mean().transpose();
    const double spread = (means - means.mean()).square().mean();
    const double memory = model_.sa2 * (1 + model_.phi) / (1 - model_.phi) / static_cast<double>(block);
    const double noise = std::max(0.0, variance - model_.sa2) / static_cast<double>(block);
    model_.slow = std::sqrt(std::max(0.0, spread - memory - noise));
  }

  // The filter at work on the history, every week against the profile of the others: visit(i, judged, z, filter).
  template <class Visit>
  void replay(Visit visit) const {
    SeasonalModel out_of_sample = model_;
    SeasonalSr filter;
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (i % static_cast<std::size_t>(grid_.steps_per_week()) == 0)
        out_of_sample.profile = without_[static_cast<std::size_t>(week(i))];
      const bool judged = out_of_sample.judges(values_[i], step(i));
      const double z = filter.update(out_of_sample, values_[i], step(i));
      visit(i, judged, z, filter);
    }
  }

  // psi_k = ln mean exp(eta_k z) over the history: a heavy tail of innovations earns no evidence.
  void fit_cumulants() {
    using Lanes = Eigen::Array<double, kSeasonalLanes, 1>;
    Lanes sum = Lanes::Zero();
    const Eigen::Map<const Lanes> eta(kSeasonalTilts.data());
    double n = 0;
    replay([&](std::size_t, bool judged, double z, const SeasonalSr&) {
      if (!judged) return;
      sum += (eta * z).exp();
      ++n;
    });
    for (std::size_t k = 0; k < kSeasonalLanes; ++k) {
      const double cumulant = n > 0 ? std::log(sum[static_cast<Eigen::Index>(k)] / n) : 0;
      model_.psi[k] = std::max(kSeasonalTilts[k] * kSeasonalTilts[k] / 2, cumulant);
    }
  }

  void fit_tail() {
    const auto block = static_cast<std::size_t>(grid_.steps_per_6h());
    std::vector<double> maxima(values_.size() / block, -1e9);
    replay([&](std::size_t i, bool, double, const SeasonalSr& filter) {
      double& highest = maxima[std::min(i / block, maxima.size() - 1)];
      highest = std::max(highest, filter.log_evidence());
    });
    std::sort(maxima.begin(), maxima.end());
    model_.tail_start = maxima[maxima.size() * 6 / 10];
    double above = 0, excess = 0;
    for (const double highest : maxima) {
      if (highest <= model_.tail_start) continue;
      ++above;
      excess += highest - model_.tail_start;
    }
    model_.tail_excess = above > 0 ? excess / above : 0;
    model_.tail_share = above / static_cast<double>(maxima.size());
  }

  std::span<const double> values_;
  std::int64_t first_;
  WeekGrid grid_;
  SeasonalModel model_;
  std::vector<WeekProfile> without_;  // the profile of the other weeks
  Eigen::ArrayXd residuals_;
  double count_ = 0;
};

}  // namespace

std::optional<SeasonalModel> SeasonalModel::fit(std::span<const double> values, std::int64_t first_step, WeekGrid grid,
                                                double floor) {
  return Fit(values, first_step, grid, floor).run();
}

}  // namespace costdrift::detectors::stats
