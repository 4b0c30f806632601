#include "detectors/stats/shiryaev_roberts.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>

namespace costdrift::detectors::stats {
namespace {

constexpr double kMaxLog = 230;  // e^230 = 1e100: far beyond any threshold, far from overflow
constexpr double kMaxR = 1e100;
constexpr float kMaxLogOfBucket = 80;  // the largest that a float's exp holds

// ln(e^log_r + n)
double log_add(double log_r, double n) { return log_r > 50 ? log_r : std::log(std::exp(log_r) + n); }

using LaneArray = Eigen::Array<double, kLanes, 1>;
using FloatLanes = Eigen::Array<float, kLanes, 1>;

}  // namespace

// Four floats are an instruction where two doubles are: what needs no range of doubles is done in floats. A cast inside
// an expression would keep Eigen from using these instructions, so casts stand alone.
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
  const FloatLanes log_of_bucket = log_l.cast<float>();
  const FloatLanes bounded = log_of_bucket.min(kMaxLogOfBucket).max(-kMaxLogOfBucket);
  const FloatLanes likelihood = bounded.exp();
  const LaneArray factor = likelihood.cast<double>();

  Eigen::Map<LaneArray> r(r_.data());
  const LaneArray before = r + n * Eigen::Map<const LaneArray>(table.prior.data());
  const LaneArray share = r / before;
  const FloatLanes old_share = share.cast<float>();
  const FloatLanes new_share = 1 - old_share;
  r = (before * factor).min(kMaxR);

  const auto elapsed = static_cast<float>(elapsed_s), width = static_cast<float>(width_s);
  Eigen::Map<FloatLanes> age(age_.data()), age_square(age_square_.data());
  age_square = old_share * (age_square + elapsed * (2 * age + elapsed)) + new_share * (width * width / 3);
  age = old_share * (age + elapsed) + new_share * (width / 2);
}

double MixtureSr::log_evidence() const { return std::log(Eigen::Map<const LaneArray>(r_.data()).mean()); }

MixtureSr::Age MixtureSr::age() const {
  const Eigen::Map<const LaneArray> r(r_.data());
  const double sum = r.sum();
  if (!(sum > 0)) return {};
  const double mean = (r * Eigen::Map<const FloatLanes>(age_.data()).cast<double>()).sum() / sum;
  const double square = (r * Eigen::Map<const FloatLanes>(age_square_.data()).cast<double>()).sum() / sum;
  return {mean, std::sqrt(std::max(0.0, square - mean * mean))};
}

int MixtureSr::leading_lane() const { return static_cast<int>(std::max_element(r_.begin(), r_.end()) - r_.begin()); }

void MixtureSr::save(core::ByteWriter& out) const {
  for (std::size_t k = 0; k < kLanes; ++k) {
    out.f64(r_[k]);
    out.f64(static_cast<double>(age_[k]));
    out.f64(static_cast<double>(age_square_[k]));
  }
}

void MixtureSr::restore(core::ByteReader& in) {
  for (std::size_t k = 0; k < kLanes; ++k) {
    r_[k] = in.f64();
    age_[k] = static_cast<float>(in.f64());
    age_square_[k] = static_cast<float>(in.f64());
  }
}

void SingleSr::update(double log_likelihood_ratio, double values) {
  if (values <= 0) return;
  log_r_ = std::min(kMaxLog, log_add(log_r_, values) + log_likelihood_ratio);
}

}  // namespace costdrift::detectors::stats
