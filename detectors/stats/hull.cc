#include "detectors/stats/hull.h"

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "core/log_bins.h"

namespace costdrift::detectors::stats {
namespace {

using Matrix = Eigen::ArrayXXd;
using Vector = Eigen::ArrayXd;

constexpr int kCells = core::kLogBins / 2;  // pairs of log bins
constexpr double kFloor = 0.001 / kCells;   // no cell is impossible
constexpr double kUnmovedShare = 0.03;      // of the unmoved shape: one unchanged call must not end a lane
constexpr int kSteps = 12;                  // of EM
constexpr double kLeastWeight = 1e-9;
constexpr int kNarrow = 4, kWide = 21;  // reach of the two smoothing kernels, in cells
constexpr double kNarrowSd = 1.2, kWideSd = 7, kWideShare = 0.02;
constexpr double kCategoryPrior = 5;  // calls of all shapes together mixed into each

int cell_of(const LaneFamily& family, int bin) {
  if (!family.log_bins) return std::clamp(bin, 0, family.bins - 1);
  return std::clamp((bin + 1) / 2, 0, kCells - 1);
}
constexpr double kLogCell = 0.0396052545923594;  // 2 ln 1.02
double cell_value(int cell) { return cell == 0 ? 0 : std::exp((cell - 0.75) * kLogCell); }
double cell_position(double value) { return value < 1 ? 0 : std::log(value) / kLogCell + 0.75; }

// A smoothing kernel over the 2 * kWide + 1 cells around a value.
using Kernel = Eigen::Array<double, 2 * kWide + 1, 1>;

Kernel gaussian(int reach, double sd) {
  Kernel kernel = Kernel::Zero();
  for (int i = -reach; i <= reach; ++i) kernel[i + kWide] = std::exp(-0.5 * i * i / sd / sd);
  return kernel / kernel.sum();
}

// Sampling noise of few calls is smoothed more; a thin wide skirt lets a shape breathe.
Kernel kernel_for(double calls_in_shape) {
  static const Kernel narrow = gaussian(kNarrow, kNarrowSd), wide = gaussian(kWide, kWideSd);
  const double narrow_share = std::min(0.3, 3 / std::sqrt(calls_in_shape + 1));
  Kernel kernel = narrow_share * narrow + kWideShare * wide;
  kernel[kWide] += 1 - narrow_share - kWideShare - 0.001;
  return kernel;
}

// The smoothed shapes as columns over a common range of cells, the counts under test, and the transforms.
class Comparison {
 public:
  Comparison(const LaneFamily& family, const Shapes& shapes, const core::Counts& seen)
      : family_(family), shapes_(shapes) {
    span_cells(seen);
    for (const auto& item : seen) count_[cell_of(family, item.bin) - first_] += calls(item);
    for (Eigen::Index i = 0; i < count_.size(); ++i) {
      if (count_[i] > 0) support_.push_back(i);
    }
    support_count_ = Vector(static_cast<Eigen::Index>(support_.size()));
    for (std::size_t i = 0; i < support_.size(); ++i)
      support_count_[static_cast<Eigen::Index>(i)] = count_[support_[i]];
    if (family.log_bins) {
      smooth_values();
    } else {
      smooth_categories();
    }
    value_ = Vector(count_.size());
    for (Eigen::Index i = 0; i < value_.size(); ++i) value_[i] = worth(static_cast<int>(i));
    model_on_support_ = on_support(model_);
  }

  MixtureFit null() const { return fit(model_on_support_); }

  // Of the only shape, which is what is under test.
  double left_out() const {
    const double n = support_count_.sum();
    if (!family_.log_bins) return null().log_likelihood - static_cast<double>(support_.size()) / 2;
    const double self = kernel_for(n)[kWide];
    double sum = 0;
    for (std::size_t i = 0; i < support_.size(); ++i) {
      const double others = (model_(support_[i], 0) - kFloor) * n - std::min(1.0, count_[support_[i]]) * self;
      sum += count_[support_[i]] * std::log(kFloor + std::max(0.0, others) / std::max(n - 1, 1.0));
    }
    return sum;
  }

  LaneFit lane(const Lane& lane, double null_log_likelihood) const {
    const Matrix moved = transformed(lane);
    MixtureFit fitted = fit((1 - kUnmovedShare) * on_support(moved) + kUnmovedShare * model_on_support_);
    LaneFit result{.gain = fitted.log_likelihood - null_log_likelihood, .weights = std::move(fitted.weights)};
    const Eigen::Map<const Eigen::VectorXd> weights(result.weights.data(), model_.cols());
    const double before = value_.matrix().dot(model_.matrix() * weights);
    const double after = value_.matrix().dot(moved.matrix() * weights);
    result.ratio = before > 0 && after > 0 ? after / before : 1;
    return result;
  }

  void use_median(double median) { median_ = median; }

 private:
  Eigen::Index size() const { return count_.size(); }
  Eigen::Index modes() const { return static_cast<Eigen::Index>(shapes_.size()); }

  void span_cells(const core::Counts& seen) {
    int first = 0, last = family_.bins - 1;
    if (family_.log_bins) {
      first = cell_of(family_, seen.front().bin);
      last = cell_of(family_, seen.back().bin);
      for (const auto* shape : shapes_) {
        first = std::min(first, cell_of(family_, shape->front().bin));
        last = std::max(last, cell_of(family_, shape->back().bin));
      }
      first = std::max(0, first - kWide);
      last = std::min(kCells - 1, last + kWide);
    }
    first_ = first;
    count_ = Vector::Zero(last - first + 1);
  }

  void smooth_values() {
    model_ = Matrix::Constant(size(), modes(), kFloor);
    for (Eigen::Index m = 0; m < modes(); ++m) {
      const core::Counts& shape = *shapes_[static_cast<std::size_t>(m)];
      const double n = core::total_calls(shape);
      const Kernel kernel = kernel_for(n);
      for (const auto& item : shape) spread(kernel * (calls(item) / n), cell_of(family_, item.bin) - first_, m);
    }
  }
  // What would lie outside counts for the outermost cell.
  void spread(const Kernel& mass, Eigen::Index cell, Eigen::Index m) {
    if (cell >= kWide && cell + kWide < size()) {
      model_.col(m).segment<2 * kWide + 1>(cell - kWide) += mass;
      return;
    }
    for (int i = -kWide; i <= kWide; ++i)
      model_(std::clamp<Eigen::Index>(cell + i, 0, size() - 1), m) += mass[i + kWide];
  }

  // Within each stratum; a few calls of all shapes together, so that a category unseen in one shape is not impossible.
  void smooth_categories() {
    Matrix mass = Matrix::Zero(size(), modes());
    for (Eigen::Index m = 0; m < modes(); ++m) {
      for (const auto& item : *shapes_[static_cast<std::size_t>(m)]) mass(cell_of(family_, item.bin), m) += calls(item);
    }
    Vector together = mass.rowwise().sum() + 0.5;
    normalise(together);
    model_ = mass + (kCategoryPrior * together).replicate(1, modes());
    for (Eigen::Index m = 0; m < modes(); ++m) {
      Vector column = model_.col(m);
      normalise(column);
      model_.col(m) = column;
    }
  }
  int stratum(Eigen::Index cell) const {
    return family_.log_bins || family_.stratum == nullptr ? 0 : family_.stratum(static_cast<int>(cell));
  }
  void normalise(Vector& prob) const {
    std::map<int, double> sum;
    for (Eigen::Index i = 0; i < prob.size(); ++i) sum[stratum(i)] += prob[i];
    for (Eigen::Index i = 0; i < prob.size(); ++i) prob[i] /= sum[stratum(i)];
  }

  // What a call in the cell contributes to the mean: its value, or the harm of the category, by how often its stratum
  // was seen.
  double worth(int index) const {
    if (family_.log_bins) return cell_value(index + first_);
    if (family_.stratum == nullptr) return family_.score(index);
    double seen = 0;
    for (Eigen::Index i = 0; i < size(); ++i) {
      if (stratum(i) == stratum(index)) seen += count_[i];
    }
    return family_.score(index) * seen;
  }

  Matrix transformed(const Lane& lane) const {
    switch (lane.kind) {
      case LaneKind::shift:
      case LaneKind::scale:
        return moved(lane);
      case LaneKind::exceed:
        return with_heavier_tail(lane);
      case LaneKind::tilt:
        return tilted(lane);
    }
    core::bug("unknown lane");
  }
  // Where the lane moves each cell's value, in cells from the first.
  Vector targets(const Lane& lane) const {
    const bool scale = lane.kind == LaneKind::scale;
    const double scale_cells = std::log(lane.amount) / kLogCell;
    Vector target(size());
    for (Eigen::Index i = 0; i < size(); ++i) {
      const double cell = static_cast<double>(i) + first_;
      const double moved =
          scale ? (cell > 0 ? cell + scale_cells : cell) : cell_position(value_[i] + lane.amount * median_);
      target[i] = std::max(0.0, moved - first_);
    }
    return target;
  }
  // What is moved beyond the last cell is lost.
  Matrix moved(const Lane& lane) const {
    const Vector target = targets(lane);
    const Vector below = target.floor(), part = target - below;
    Matrix result = Matrix::Constant(size(), modes(), kFloor);
    for (Eigen::Index m = 0; m < modes(); ++m) {
      const double* from = &model_(0, m);
      double* to = &result(0, m);
      for (Eigen::Index i = 0; i < size() && below[i] + 1 < static_cast<double>(size()); ++i) {
        const double mass = from[i] - kFloor;
        const auto at = static_cast<Eigen::Index>(below[i]);
        to[at] += (1 - part[i]) * mass;
        to[at + 1] += part[i] * mass;
      }
    }
    return result;
  }
  Matrix with_heavier_tail(const Lane& lane) const {
    Matrix result = model_;
    for (Eigen::Index m = 0; m < modes(); ++m) {
      double below = 0;
      for (Eigen::Index i = 0; i < size(); ++i) {
        if (below >= lane.quantile - 0.1 * (1 - lane.quantile)) result(i, m) *= lane.amount;
        below += model_(i, m);
      }
      result.col(m) /= result.col(m).sum();
    }
    return result;
  }
  Matrix tilted(const Lane& lane) const {
    Matrix result = model_;
    for (Eigen::Index i = 0; i < size(); ++i)
      result.row(i) *= std::pow(lane.amount, family_.score(static_cast<int>(i)));
    for (Eigen::Index m = 0; m < modes(); ++m) {
      Vector column = result.col(m);
      normalise(column);
      result.col(m) = column;
    }
    return result;
  }

  Matrix on_support(const Matrix& models) const { return models(support_, Eigen::all); }

  // `models`: on the support.
  MixtureFit fit(const Matrix& models) const {
    const Eigen::MatrixXd prob = models.matrix();
    Eigen::VectorXd weights =
        Eigen::VectorXd::Constant(models.cols(), 1.0 / static_cast<double>(std::max<Eigen::Index>(1, models.cols())));
    const double n = support_count_.sum();
    for (int step = 0; step < kSteps && models.cols() > 1; ++step) {
      const Eigen::VectorXd ratio = (support_count_ / (prob * weights).array()).matrix();
      weights = (weights.array() * (prob.transpose() * ratio).array() / n).max(kLeastWeight).matrix();
      weights /= weights.sum();
    }
    MixtureFit result;
    result.log_likelihood = (support_count_ * (prob * weights).array().log()).sum();
    result.weights.assign(weights.data(), weights.data() + weights.size());
    return result;
  }

  const LaneFamily& family_;
  const Shapes& shapes_;
  int first_ = 0;
  double median_ = 0;
  Vector count_, support_count_, value_;
  std::vector<Eigen::Index> support_;  // cells with counts
  Matrix model_;                       // [cell, shape]
  Matrix model_on_support_;            // its rows of support_
};

double median_of(const Shapes& shapes) {
  core::Counts all;
  for (const auto* shape : shapes) core::merge_counts(all, *shape);
  const double half = core::total_calls(all) / 2;
  double seen = 0;
  for (const auto& item : all) {
    if ((seen += calls(item)) >= half) return core::log_bin_value(item.bin);
  }
  return 0;
}

}  // namespace

bool moves_values(const LaneFamily& family) {
  return family.log_bins && std::all_of(family.lanes.begin(), family.lanes.end(), [](const Lane& lane) {
           return lane.kind == LaneKind::shift || lane.kind == LaneKind::scale;
         });
}

std::vector<Lane> hull_lanes(const LaneFamily& family) {
  if (!moves_values(family)) return family.lanes;
  std::vector<Lane> lanes;
  for (const double factor : {1.1, 1.17, 1.25, 1.45, 1.8, 2.5, 4.0}) lanes.push_back({LaneKind::scale, factor});
  for (const double part : {.05, .1, .2, .4, .8}) lanes.push_back({LaneKind::shift, part});
  return lanes;
}

double own_log_likelihood(const LaneFamily& family, const core::Counts& counts) {
  const Shapes own{&counts};
  return Comparison(family, own, counts).left_out();
}

HullFit fit_hull(const LaneFamily& family, const Shapes& shapes, const core::Counts& seen) {
  Comparison comparison(family, shapes, seen);
  if (family.log_bins) comparison.use_median(median_of(shapes));
  HullFit result{.null = comparison.null(), .lanes = {}};
  for (const Lane& lane : hull_lanes(family)) result.lanes.push_back(comparison.lane(lane, result.null.log_likelihood));
  return result;
}

MixtureFit fit_mixture(const LaneFamily& family, const Shapes& shapes, const core::Counts& seen) {
  return Comparison(family, shapes, seen).null();
}

}  // namespace costdrift::detectors::stats
