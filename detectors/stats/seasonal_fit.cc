// How SeasonalModel is learned.
#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "detectors/stats/seasonal.h"

namespace costdrift::detectors::stats {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr int kLags = 12;
constexpr int kBlock = 360;  // minutes: levels over six hours
constexpr double kWinsor = 5;
constexpr double kMaxPhi = 0.995;

double median(std::vector<double>& values) {
  if (values.empty()) return kNone;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::size_t slot_of(std::int64_t minute) {
  return static_cast<std::size_t>(((minute % kMinutesPerWeek) + kMinutesPerWeek) % kMinutesPerWeek / 15);
}

// Half of each neighbour that is not beyond a jump.
WeekProfile smoothed(const WeekProfile& medians) {
  WeekProfile result{};
  for (std::size_t i = 0; i < kWeekSlots; ++i) {
    double sum = medians[i], weight = 1;
    for (const std::size_t j : {(i + kWeekSlots - 1) % kWeekSlots, (i + 1) % kWeekSlots}) {
      if (!(std::abs(medians[j] - medians[i]) < 0.25)) continue;
      sum += 0.5 * medians[j];
      weight += 0.5;
    }
    result[i] = sum / weight;
  }
  return result;
}

class Fit {
 public:
  Fit(std::span<const double> values, std::int64_t first) : values_(values), first_(first) {}

  std::optional<SeasonalModel> run() {
    const auto weeks = static_cast<int>(std::ssize(values_) / kMinutesPerWeek);
    if (weeks < kMinWeeks) return std::nullopt;
    // Whole weeks, the newest ones.
    const auto used = static_cast<std::size_t>(weeks * kMinutesPerWeek);
    first_ += static_cast<std::int64_t>(values_.size() - used);
    values_ = values_.last(used);
    model_.profile = profile_without(-1);
    for (int week = 0; week < weeks; ++week) without_.push_back(profile_without(week));
    fit_noise();
    fit_residuals();
    if (!(model_.sa2 + model_.v0 + model_.v1 > 0)) return std::nullopt;
    fit_cumulants();
    fit_tail();
    return model_;
  }

 private:
  WeekProfile profile_without(int week) const {
    std::vector<std::vector<double>> in_slot(kWeekSlots);
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (static_cast<int>(static_cast<std::int64_t>(i) / kMinutesPerWeek) == week || !std::isfinite(values_[i]))
        continue;
      in_slot[slot_of(first_ + static_cast<std::int64_t>(i))].push_back(values_[i]);
    }
    WeekProfile medians{};
    for (std::size_t slot = 0; slot < kWeekSlots; ++slot) medians[slot] = median(in_slot[slot]);
    return smoothed(medians);
  }

  double residual(const WeekProfile& profile, std::size_t i) const {
    return values_[i] - profile_at(profile, first_ + static_cast<std::int64_t>(i));
  }

  // Half the squared one-step difference holds the noise and little of the slow part; it is regressed on exp(-s),
  // weighted by exp(2 s) because it varies by its own size.
  void fit_noise() {
    Eigen::Matrix2d normal = Eigen::Matrix2d::Zero();
    Eigen::Vector2d target = Eigen::Vector2d::Zero();
    for (std::size_t i = 1; i < values_.size(); ++i) {
      const double level = profile_at(model_.profile, first_ + static_cast<std::int64_t>(i));
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
      const double r = residual(without_[i / kMinutesPerWeek], i);
      if (!std::isfinite(r)) continue;
      seen[i] = true;
      residuals_[static_cast<Eigen::Index>(i)] = r;
      sizes.push_back(std::abs(r));
    }
    count_ = static_cast<double>(sizes.size());
    const double limit = sizes.empty() ? 0 : kWinsor * 1.4826 * median(sizes);
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
    const Eigen::Index blocks = residuals_.size() / kBlock;
    if (blocks < 2) return;
    const Eigen::ArrayXd means =
        Eigen::Map<const Eigen::ArrayXXd>(residuals_.data(), kBlock, blocks).colwise().mean().transpose();
    const double spread = (means - means.mean()).square().mean();
    const double memory = model_.sa2 * (1 + model_.phi) / (1 - model_.phi) / kBlock;
    const double noise = std::max(0.0, variance - model_.sa2) / kBlock;
    model_.slow = std::sqrt(std::max(0.0, spread - memory - noise));
  }

  // The filter at work on the history, every week against the profile of the others: visit(z, filter).
  template <class Visit>
  void replay(Visit visit) const {
    SeasonalModel out_of_sample = model_;
    SeasonalSr filter;
    for (std::size_t week = 0; week < without_.size(); ++week) {
      out_of_sample.profile = without_[week];
      for (std::size_t i = week * kMinutesPerWeek; i < (week + 1) * kMinutesPerWeek; ++i) {
        const double z = filter.update(out_of_sample, values_[i], first_ + static_cast<std::int64_t>(i));
        visit(i, z, filter);
      }
    }
  }

  // psi_k = ln mean exp(eta_k z) over the history: a heavy tail of innovations earns no evidence.
  void fit_cumulants() {
    using Lanes = Eigen::Array<double, kSeasonalLanes, 1>;
    Lanes sum = Lanes::Zero();
    const Eigen::Map<const Lanes> eta(kSeasonalTilts.data());
    double n = 0;
    replay([&](std::size_t i, double z, const SeasonalSr&) {
      if (!std::isfinite(values_[i])) return;
      sum += (eta * z).exp();
      ++n;
    });
    for (std::size_t k = 0; k < kSeasonalLanes; ++k) {
      const double cumulant = n > 0 ? std::log(sum[static_cast<Eigen::Index>(k)] / n) : 0;
      model_.psi[k] = std::max(kSeasonalTilts[k] * kSeasonalTilts[k] / 2, cumulant);
    }
  }

  void fit_tail() {
    std::vector<double> maxima(values_.size() / kBlock, -1e9);
    replay([&](std::size_t i, double, const SeasonalSr& filter) {
      double& highest = maxima[std::min(i / kBlock, maxima.size() - 1)];
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
  SeasonalModel model_;
  std::vector<WeekProfile> without_;  // the profile of the other weeks
  Eigen::ArrayXd residuals_;
  double count_ = 0;
};

}  // namespace

std::optional<SeasonalModel> SeasonalModel::fit(std::span<const double> values, std::int64_t first_minute) {
  return Fit(values, first_minute).run();
}

}  // namespace costdrift::detectors::stats
