#include "detectors/stats/seasonal.h"

#include <algorithm>
#include <cmath>

namespace costdrift::detectors::stats {
namespace {

constexpr double kClip = 4;
constexpr double kMostR = 1e100;
constexpr int kLongestStep = 6 * 60;  // minutes

// One step of the filter.
struct Gain {
  double total = 0;  // variance of the innovation
  double gain = 0;
  double left = 0;    // variance of the state after it
  double passed = 0;  // the part of a lasting shift that still shows in the innovations
};

Gain gain_of(const SeasonalModel& model, double variance, double noise) {
  const double prior = model.phi * model.phi * variance + model.sa2 * (1 - model.phi * model.phi);
  const double total = prior + noise;
  const double gain = total > 0 ? prior / total : 0;
  const double absorbed = gain / (1 - model.phi * (1 - gain));
  return {total, gain, (1 - gain) * prior, 1 - model.phi * absorbed};
}

// What a lasting shift adds in one step to the lane that it suits best, once the filter has settled.
double evidence_per_step(const SeasonalModel& model, double shift, double noise) {
  Gain step = gain_of(model, model.sa2, noise);
  for (int i = 0; i < 20; ++i) step = gain_of(model, step.left, noise);
  const double z = std::min(kClip, step.passed * (shift - model.slow) / std::sqrt(step.total));
  double most = 0;
  for (std::size_t k = 0; k < kSeasonalLanes; ++k) most = std::max(most, kSeasonalTilts[k] * z - model.psi[k]);
  return most;
}

}  // namespace

bool SeasonalModel::judges(double value, std::int64_t step) const {
  const double usual = profile.at(step);
  return std::isfinite(value) && std::isfinite(usual) && (usual >= floor || value > floor);
}

double SeasonalModel::minutes_to_find(double shift, double log_threshold) const {
  constexpr double kMost = 7 * 24 * 60;
  double sum = 0, slots = 0;
  for (const double usual : profile.levels) {
    if (!std::isfinite(usual)) continue;
    const double level = std::max(usual, floor);
    const double evidence = evidence_per_step(*this, shift - (level - usual), noise(level));
    const double steps = evidence > 0 ? std::max(1.0, log_threshold / evidence) : kMost;
    sum += std::min(kMost, steps * profile.grid.minutes_per_step);
    ++slots;
  }
  return slots > 0 ? sum / slots : kMost;
}

double SeasonalModel::noise(double level) const { return v0 + v1 * std::exp(-level); }

double SeasonalModel::log_threshold(double false_alarms_per_week) const {
  const double bound = std::log(profile.grid.steps_per_week() / false_alarms_per_week);
  if (tail_excess <= 0 || tail_share <= 0) return bound;
  const double blocks_per_week = 28;
  return std::max(bound, tail_start + tail_excess * std::log(tail_share * blocks_per_week / false_alarms_per_week));
}

double SeasonalModel::variance_of_mean(double level, double steps) const {
  const double memory = phi < 1 ? (1 + phi) / (1 - phi) : 1;
  return std::min(sa2, sa2 * memory / steps) + noise(level) / steps + slow * slow;
}

double SeasonalSr::innovation(const SeasonalModel& model, double residual, double noise, double& dead_band) {
  const Gain step = gain_of(model, variance_, noise);
  const double expected = model.phi * level_;
  const double sd = std::sqrt(step.total);
  const double z = std::clamp((residual - expected) / sd, -kClip, kClip);
  level_ = expected + step.gain * z * sd;
  variance_ = step.left;
  dead_band = step.passed * model.slow / sd;
  return z;
}

double SeasonalSr::update(const SeasonalModel& model, double value, std::int64_t step) {
  if (variance_ < 0) variance_ = model.sa2;
  for (Lane& lane : lanes_) {
    lane.age_square += 2 * lane.age + 1;
    lane.age += 1;
  }
  if (!model.judges(value, step)) {
    level_ *= model.phi;
    variance_ = model.phi * model.phi * variance_ + model.sa2 * (1 - model.phi * model.phi);
    return 0;
  }
  double dead_band = 0;
  const double level = model.level(step);
  const double z = innovation(model, value - level, model.noise(level), dead_band);
  for (std::size_t k = 0; k < kSeasonalLanes; ++k) {
    Lane& lane = lanes_[k];
    const double before = lane.r + 1;
    const double old_share = lane.r / before;
    lane.age = old_share * lane.age + (1 - old_share);
    lane.age_square = old_share * lane.age_square + (1 - old_share);
    lane.r = std::min(kMostR, before * std::exp(kSeasonalTilts[k] * (z - dead_band) - model.psi[k]));
  }
  return z;
}

double SeasonalSr::log_evidence() const {
  double sum = 0;
  for (const Lane& lane : lanes_) sum += lane.r;
  return std::log(sum / kSeasonalLanes);
}

SeasonalSr::Age SeasonalSr::age() const {
  double sum = 0, mean = 0, square = 0;
  for (const Lane& lane : lanes_) {
    sum += lane.r;
    mean += lane.r * lane.age;
    square += lane.r * lane.age_square;
  }
  mean /= sum;
  return {mean, std::sqrt(std::max(0.0, square / sum - mean * mean))};
}

void SeasonalSr::reset_evidence() { lanes_ = {}; }

void SeasonalSr::save(core::ByteWriter& out) const {
  for (const Lane& lane : lanes_)
    for (const double value : {lane.r, lane.age, lane.age_square}) out.f64(value);
  out.f64(level_);
  out.f64(variance_);
}

void SeasonalSr::restore(core::ByteReader& in) {
  for (Lane& lane : lanes_)
    for (double* value : {&lane.r, &lane.age, &lane.age_square}) *value = in.f64();
  level_ = in.f64();
  variance_ = in.f64();
}

void SeasonalModel::save(core::ByteWriter& out) const {
  out.u64(static_cast<std::uint64_t>(profile.grid.minutes_per_step));
  out.u64(profile.levels.size());
  for (const double value : profile.levels) out.f64(value);
  for (const double value : {floor, phi, sa2, v0, v1, slow, tail_start, tail_excess, tail_share}) out.f64(value);
  for (const double value : psi) out.f64(value);
}

bool SeasonalModel::restore(core::ByteReader& in) {
  profile.grid.minutes_per_step = static_cast<int>(in.u64());
  profile.levels.resize(in.count(8));
  for (double& value : profile.levels) value = in.f64();
  for (double* value : {&floor, &phi, &sa2, &v0, &v1, &slow, &tail_start, &tail_excess, &tail_share}) *value = in.f64();
  for (double& value : psi) value = in.f64();
  const int minutes = profile.grid.minutes_per_step;
  return !in.failed() && minutes > 0 && minutes <= kLongestStep && profile.levels.size() == profile.grid.slots();
}

}  // namespace costdrift::detectors::stats
