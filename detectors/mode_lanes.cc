#include "detectors/mode_lanes.h"

#include <algorithm>
#include <cmath>

namespace costdrift::detectors {
namespace {

constexpr double kMaxLog = 60;
constexpr double kMinLog = -5;
constexpr double kPhi = 2;
constexpr core::Duration kLeastTime = core::minutes(15);
constexpr double kLeastCalls = 50;

double log_add(double log_r, double calls) { return log_r > 0 ? std::log(std::exp(log_r) + calls) : std::log(calls); }

// Nats of gain that count as one.
double dilution(double calls, double clumping, double known_calls) {
  return kPhi * clumping * (1 + calls / std::max(known_calls, 1.0));
}

}  // namespace

double mode_evidence(double calls, double gain, double clumping, double known_calls) {
  return std::log(calls) + gain / dilution(calls, clumping, known_calls);
}

std::vector<std::optional<ModeLanes::Alternative>> ModeLanes::alternatives(const Block& block, const BlockFit& fit) {
  std::vector<std::optional<Alternative>> all;
  for (const auto& lane : fit.hull.lanes)
    all.push_back(Alternative{lane.gain, block.mean / lane.ratio, fit.known_calls, false});
  all.emplace_back();
  if (fit.recent_gain) all.back() = Alternative{*fit.recent_gain, fit.null_mean, fit.known_calls, true};
  return all;
}

ModeLanes::Lane ModeLanes::advanced(const Lane& before, const Block& block, const Alternative& alternative,
                                    double usual_mean) {
  const double calls = (before.running ? before.calls : 0) + block.calls;
  const double increment =
      std::max(alternative.gain / dilution(calls, block.clumping, alternative.known_calls), -0.175 * block.calls - 2);
  Lane lane = before;
  if (!lane.running || lane.log_r < 1) lane = Lane{.running = true, .since = block.start};
  lane.log_r = std::min(kMaxLog, log_add(before.log_r, block.calls) + increment);
  if (lane.log_r < std::log(block.calls) + 1) return Lane{.log_r = std::max(lane.log_r, kMinLog)};
  lane.calls += block.calls;
  lane.gain += alternative.gain;
  lane.seen += block.calls * block.mean;
  lane.expected += block.calls * alternative.expected_mean;
  lane.usual += block.calls * usual_mean;
  if (block.mean > 0) {
    lane.excess =
        lane.excess + core::from_usd(core::to_usd(block.stake) * (1 - alternative.expected_mean / block.mean));
  }
  lane.highest_excess = std::max(lane.highest_excess, lane.excess);
  lane.hot = lane.hot || lane.log_r >= kModeEvidence;
  return lane;
}

bool ModeLanes::passes(const Lane& lane, const Block& block, double usual_mean, double min_effect) {
  if (!lane.running || lane.log_r < kModeEvidence || lane.gain < kModeGain * lane.calls) return false;
  if (block.end - lane.since < kLeastTime || lane.calls < kLeastCalls) return false;
  if (usual_mean <= 0) return true;
  const double least = 1 + kEffectMargin * min_effect;
  return lane.seen >= least * lane.expected && lane.seen >= least * lane.usual;
}

std::optional<LaneCandidate> ModeLanes::update(const Block& block, const BlockFit& fit, double usual_mean,
                                               double min_effect, bool commit, MoneyGate& money) {
  const auto all = alternatives(block, fit);
  std::vector<Lane> next = lanes_;
  next.resize(all.size(), Lane{.log_r = kMinLog});
  std::optional<LaneCandidate> best;
  highest_ = kMinLog;
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (!all[k]) continue;
    const Lane before = next[k];
    next[k] = advanced(before, block, *all[k], usual_mean);
    const bool went_away = before.hot && (!next[k].running || next[k].since != before.since);
    if (commit && went_away && usual_mean > 0) money.excursion_ended(block.end, before.highest_excess);
    highest_ = std::max(highest_, next[k].log_r);
    if (!passes(next[k], block, usual_mean, min_effect)) continue;
    if (!best || next[k].log_r > best->log_evidence) best = {next[k].since, next[k].log_r, all[k]->recent};
  }
  if (commit) lanes_ = std::move(next);
  return best;
}

void ModeLanes::save(core::ByteWriter& out) const {
  out.u64(lanes_.size());
  for (const Lane& lane : lanes_) {
    out.f64(lane.log_r);
    out.boolean(lane.running);
    if (!lane.running) continue;
    out.boolean(lane.hot);
    out.i64(lane.since.us);
    for (const double value : {lane.calls, lane.gain, lane.seen, lane.expected, lane.usual}) out.f64(value);
    out.i64(lane.excess.nano);
    out.i64(lane.highest_excess.nano);
  }
}

void ModeLanes::restore(core::ByteReader& in) {
  lanes_.assign(in.count(2), {});
  for (Lane& lane : lanes_) {
    lane.log_r = in.f64();
    lane.running = in.boolean();
    if (!lane.running) continue;
    lane.hot = in.boolean();
    lane.since = {in.i64()};
    for (double* value : {&lane.calls, &lane.gain, &lane.seen, &lane.expected, &lane.usual}) *value = in.f64();
    lane.excess = {in.i64()};
    lane.highest_excess = {in.i64()};
  }
}

}  // namespace costdrift::detectors
