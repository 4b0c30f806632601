#include "detectors/stats/seasonal.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace costdrift::detectors::stats {
namespace {

constexpr int kSlotMinutes = 15;
constexpr double kJump = 0.25;
constexpr double kClip = 4;
constexpr double kMaxLaneLog = 230;

}  // namespace

double profile_at(const WeekProfile& profile, std::int64_t minute) {
  const auto in_week = ((minute % kMinutesPerWeek) + kMinutesPerWeek) % kMinutesPerWeek;
  const auto slot = static_cast<std::size_t>(in_week / kSlotMinutes);
  const double here = profile[slot];
  // Distance of the minute's middle from the slot's middle, in slots.
  const double offset = (static_cast<double>(in_week % kSlotMinutes) + 0.5) / kSlotMinutes - 0.5;
  const std::size_t next = (slot + (offset < 0 ? kWeekSlots - 1 : 1)) % kWeekSlots;
  const double step = profile[next] - here;
  if (!(std::abs(step) <= kJump)) return here;  // also when the neighbour was never seen
  return here + std::abs(offset) * step;
}

double SeasonalModel::noise(double level) const { return v0 + v1 * std::exp(-level); }

double SeasonalModel::log_threshold(double false_alarms_per_week) const {
  const double bound = std::log(static_cast<double>(kMinutesPerWeek) / false_alarms_per_week);
  if (tail_excess <= 0 || tail_share <= 0) return bound;
  const double blocks_per_week = 28;
  return std::max(bound, tail_start + tail_excess * std::log(tail_share * blocks_per_week / false_alarms_per_week));
}

double SeasonalModel::variance_of_mean(double level, double minutes) const {
  const double memory = phi < 1 ? (1 + phi) / (1 - phi) : 1;
  return std::min(sa2, sa2 * memory / minutes) + noise(level) / minutes + slow * slow;
}

double SeasonalSr::innovation(const SeasonalModel& model, double residual, double noise, double& dead_band) {
  const double expected = model.phi * level_;
  const double variance = model.phi * model.phi * variance_ + model.sa2 * (1 - model.phi * model.phi);
  const double total = variance + noise;
  const double sd = std::sqrt(total);
  const double z = std::clamp((residual - expected) / sd, -kClip, kClip);
  const double gain = variance / total;
  level_ = expected + gain * z * sd;
  variance_ = (1 - gain) * variance;
  // The part of a lasting shift by one `slow` that still shows in the innovations.
  const double absorbed = gain / (1 - model.phi * (1 - gain));
  dead_band = (1 - model.phi * absorbed) * model.slow / sd;
  return z;
}

double SeasonalSr::update(const SeasonalModel& model, double value, std::int64_t minute) {
  if (variance_ < 0) variance_ = model.sa2;
  const double profile = profile_at(model.profile, minute);
  const double residual = value - profile;
  for (Lane& lane : lanes_) {
    lane.age_square += 2 * lane.age + 1;
    lane.age += 1;
  }
  if (!std::isfinite(residual)) {
    level_ *= model.phi;
    variance_ = model.phi * model.phi * variance_ + model.sa2 * (1 - model.phi * model.phi);
    return 0;
  }
  double dead_band = 0;
  const double z = innovation(model, residual, model.noise(profile), dead_band);
  for (std::size_t k = 0; k < kSeasonalLanes; ++k) {
    Lane& lane = lanes_[k];
    const double before = lane.log_r > 50 ? lane.log_r : std::log1p(std::exp(lane.log_r));
    const double old_share = std::exp(std::min(0.0, lane.log_r - before));
    lane.age = old_share * lane.age + (1 - old_share);
    lane.age_square = old_share * lane.age_square + (1 - old_share);
    lane.log_r = std::min(kMaxLaneLog, before + kSeasonalTilts[k] * (z - dead_band) - model.psi[k]);
  }
  return z;
}

double SeasonalSr::log_evidence() const {
  double top = -std::numeric_limits<double>::infinity(), sum = 0;
  for (const Lane& lane : lanes_) top = std::max(top, lane.log_r);
  for (const Lane& lane : lanes_) sum += std::exp(lane.log_r - top);
  return top + std::log(sum / kSeasonalLanes);
}

SeasonalSr::Age SeasonalSr::age() const {
  double top = lanes_[0].log_r, sum = 0, mean = 0, square = 0;
  for (const Lane& lane : lanes_) top = std::max(top, lane.log_r);
  for (const Lane& lane : lanes_) {
    const double weight = std::exp(lane.log_r - top);
    sum += weight;
    mean += weight * lane.age;
    square += weight * lane.age_square;
  }
  mean /= sum;
  return {mean, std::sqrt(std::max(0.0, square / sum - mean * mean))};
}

void SeasonalSr::reset_evidence() { lanes_ = {}; }

void SeasonalSr::save(core::ByteWriter& out) const {
  for (const Lane& lane : lanes_)
    for (const double value : {lane.log_r, lane.age, lane.age_square}) out.f64(value);
  out.f64(level_);
  out.f64(variance_);
}

void SeasonalSr::restore(core::ByteReader& in) {
  for (Lane& lane : lanes_)
    for (double* value : {&lane.log_r, &lane.age, &lane.age_square}) *value = in.f64();
  level_ = in.f64();
  variance_ = in.f64();
}

void SeasonalModel::save(core::ByteWriter& out) const {
  for (const double value : profile) out.f64(value);
  for (const double value : {phi, sa2, v0, v1, slow, tail_start, tail_excess, tail_share}) out.f64(value);
  for (const double value : psi) out.f64(value);
}

void SeasonalModel::restore(core::ByteReader& in) {
  for (double& value : profile) value = in.f64();
  for (double* value : {&phi, &sa2, &v0, &v1, &slow, &tail_start, &tail_excess, &tail_share}) *value = in.f64();
  for (double& value : psi) value = in.f64();
}

}  // namespace costdrift::detectors::stats
