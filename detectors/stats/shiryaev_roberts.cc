#include "detectors/stats/shiryaev_roberts.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace costdrift::detectors::stats {
namespace {

constexpr double kMaxLog = 230;  // e^230 = 1e100: far beyond any threshold, far from overflow

// ln(e^log_r + n)
double log_add(double log_r, double n) { return log_r > 50 ? log_r : std::log(std::exp(log_r) + n); }

using LaneArray = Eigen::Array<double, kLanes, 1>;

}  // namespace

void MixtureSr::update(const LikelihoodTable& table, const core::Counts& counts,
                       const std::array<double, kLanes>& inflation, double elapsed_s, double width_s) {
  LaneArray log_l = LaneArray::Zero();
  double n = 0;
  for (const auto& item : counts) {
    const double calls = static_cast<double>(item.weight) / core::kOneCall;
    const int group = table.grouping.group(item.bin);
    log_l += calls * Eigen::Map<const LaneArray>(&table.log_ratio[static_cast<std::size_t>(group * kLanes)]);
    n += calls;
  }
  if (n <= 0) return;
  log_l /= Eigen::Map<const LaneArray>(inflation.data());
  for (std::size_t k = 0; k < kLanes; ++k) {
    LaneState& lane = lanes_[k];
    const double before = log_add(lane.log_r, n);
    const double old_share = std::exp(std::min(0.0, lane.log_r - before));  // R / (R + n)
    lane.age_square = old_share * (lane.age_square + 2 * elapsed_s * lane.age + elapsed_s * elapsed_s) +
                      (1 - old_share) * width_s * width_s / 3;
    lane.age = old_share * (lane.age + elapsed_s) + (1 - old_share) * width_s / 2;
    lane.log_r = std::min(kMaxLog, before + log_l[static_cast<Eigen::Index>(k)]);
  }
}

double MixtureSr::log_evidence() const {
  double top = lanes_[0].log_r;
  for (const auto& lane : lanes_) top = std::max(top, lane.log_r);
  double sum = 0;
  for (const auto& lane : lanes_) sum += std::exp(lane.log_r - top);
  return top + std::log(sum / kLanes);
}

MixtureSr::Age MixtureSr::age() const {
  double top = lanes_[0].log_r;
  for (const auto& lane : lanes_) top = std::max(top, lane.log_r);
  double sum = 0, mean = 0, square = 0;
  for (const auto& lane : lanes_) {
    const double weight = std::exp(lane.log_r - top);
    sum += weight;
    mean += weight * lane.age;
    square += weight * lane.age_square;
  }
  mean /= sum;
  return {mean, std::sqrt(std::max(0.0, square / sum - mean * mean))};
}

int MixtureSr::leading_lane() const {
  const auto top = std::max_element(lanes_.begin(), lanes_.end(),
                                    [](const LaneState& a, const LaneState& b) { return a.log_r < b.log_r; });
  return static_cast<int>(top - lanes_.begin());
}

void MixtureSr::save(core::ByteWriter& out) const {
  for (const auto& lane : lanes_) {
    out.f64(lane.log_r);
    out.f64(lane.age);
    out.f64(lane.age_square);
  }
}

void MixtureSr::restore(core::ByteReader& in) {
  for (auto& lane : lanes_) {
    lane.log_r = in.f64();
    lane.age = in.f64();
    lane.age_square = in.f64();
  }
}

void SingleSr::update(double log_likelihood_ratio, double values) {
  if (values <= 0) return;
  log_r_ = std::min(kMaxLog, log_add(log_r_, values) + log_likelihood_ratio);
}

}  // namespace costdrift::detectors::stats
