#include "detectors/stats/variance.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace costdrift::detectors::stats {
namespace {

constexpr double kMemoryBlocks = 200;
constexpr double kMaxFactor = 400;
constexpr double kLeastCalls = 5;              // in a block or part
constexpr double kSquaredBaselineError = 1.5;  // in standard errors: one baseline in five is further off
constexpr double kIndependentLanes = 1.5;      // what eight lanes on the same values are worth

struct Moments {
  std::array<double, kLanes> mean{}, square{};
};

// Moments of the log ratios of one value under the null, per stratum.
std::map<int, Moments> null_moments(const LikelihoodTable& table) {
  std::map<int, Moments> moments;
  for (std::size_t g = 0; g < table.null_prob.size(); ++g) {
    Moments& of_stratum = moments[table.stratum[g]];
    for (std::size_t k = 0; k < kLanes; ++k) {
      const double value = table.log_ratio[g * kLanes + k];
      of_stratum.mean[k] += table.null_prob[g] * value;
      of_stratum.square[k] += table.null_prob[g] * value * value;
    }
  }
  return moments;
}

using LaneValues = std::array<double, kLanes>;

// Sums of the log ratios of a block: their deviation from what the null expects, and its variance there.
struct Score {
  LaneValues deviation{}, variance{};
};

Score score_of(const std::map<int, Moments>& moments, const LikelihoodTable& table, const core::Counts& block) {
  Score score;
  for (const auto& item : block) {
    const double calls = static_cast<double>(item.weight) / core::kOneCall;
    const int group = table.grouping.group(item.bin);
    const Moments& null = moments.at(table.stratum[static_cast<std::size_t>(group)]);
    for (std::size_t k = 0; k < kLanes; ++k) {
      score.deviation[k] += calls * (table.log_ratio_at(group, static_cast<int>(k)) - null.mean[k]);
      score.variance[k] += calls * (null.square[k] - null.mean[k] * null.mean[k]);
    }
  }
  return score;
}

double squared(const Score& score, std::size_t lane) {
  return score.deviation[lane] * score.deviation[lane] / std::max(score.variance[lane], 1e-9);
}

// Mean over lanes of the squared standardised block sum.
double mean_square(const Score& score) {
  double mean = 0;
  for (std::size_t k = 0; k < kLanes; ++k) mean += squared(score, k) / kLanes;
  return mean;
}

}  // namespace

void VarianceInflation::add(double square, double blocks) {
  const double keep = blocks_ >= kMemoryBlocks ? 1 - 1 / kMemoryBlocks : 1;
  blocks_ = blocks_ * keep + blocks;
  squares_ = squares_ * keep + square;
  factor_ = estimated();
}

// A block against a table of N calls: its sum varies by its own variance and, as many calls as it has, by the table's.
void VarianceInflation::observe(const LikelihoodTable& table, double baseline_calls, const core::Counts& block) {
  const double calls = core::total_calls(block);
  if (calls < kLeastCalls) return;
  const double predicted = 1 + calls / std::max(baseline_calls, 1.0);
  add(mean_square(score_of(null_moments(table), table, block)) / predicted, 1);
}

// With D and V of the parts: sum (D_p - V_p D / V)^2 / V_p = sum D_p^2 / V_p - D^2 / V.
void VarianceInflation::observe_parts(const LikelihoodTable& table, std::span<const core::Counts> parts) {
  const auto moments = null_moments(table);
  Score whole;
  double square = 0;
  int seen = 0;
  for (const core::Counts& part : parts) {
    if (core::total_calls(part) < kLeastCalls) continue;
    const Score score = score_of(moments, table, part);
    square += mean_square(score);
    ++seen;
    for (std::size_t k = 0; k < kLanes; ++k) {
      whole.deviation[k] += score.deviation[k];
      whole.variance[k] += score.variance[k];
    }
  }
  if (seen > 1) add(square - mean_square(whole), seen - 1);
}

void VarianceInflation::expect(double factor, double blocks) {
  blocks_ = blocks;
  squares_ = blocks * factor;
  factor_ = estimated();
}

double VarianceInflation::estimated() const {
  // Two blocks of prior at 1. Independent values are nobody's loss: an excess that chance explains is none, one of two
  // and a half standard errors is taken in full, and by its upper estimate.
  const double mean = (squares_ + 2) / (blocks_ + 2);
  const double error = std::sqrt(2 / (blocks_ + 2) / kIndependentLanes);
  const double belief = std::clamp(((mean - 1) / error - 1) / 1.5, 0.0, 1.0);
  const double upper = mean * (1 + 1.25 * std::sqrt(2 / (blocks_ + 2) / kLanes * 2));
  return std::clamp(1 + belief * (upper - 1), 1.0, kMaxFactor);
}

void VarianceInflation::save(core::ByteWriter& out) const {
  out.f64(blocks_);
  out.f64(squares_);
}

void VarianceInflation::restore(core::ByteReader& in) {
  blocks_ = in.f64();
  squares_ = in.f64();
  factor_ = estimated();
}

std::array<double, kLanes> lane_inflation(const LikelihoodTable& table, double factor, double baseline_calls,
                                          double log_threshold) {
  std::array<double, kLanes> inflation{};
  for (std::size_t k = 0; k < kLanes; ++k) {
    const double information = std::max(table.chi_square[k] * baseline_calls / factor, 1e-9);
    inflation[k] = factor * (1 + 2 * kSquaredBaselineError * log_threshold / information);
  }
  return inflation;
}

}  // namespace costdrift::detectors::stats
