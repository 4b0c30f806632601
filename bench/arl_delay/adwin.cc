#include "bench/arl_delay/adwin.h"

#include <algorithm>
#include <cmath>

namespace costdrift::bench {
namespace {

constexpr int kLook = 32;
constexpr double kLeastPart = 5;

// ln(2 ln(n) / delta) at which the bound of a cut equals `difference`: the root of the bound in sqrt(ln).
double log_confidence(double difference, double n0, double n1, double variance) {
  const double inverse = 1 / (n0 - kLeastPart + 1) + 1 / (n1 - kLeastPart + 1);
  const double a = 2.0 / 3 * inverse, b = std::sqrt(2 * inverse * variance);
  const double root = (std::sqrt(b * b + 4 * a * difference) - b) / (2 * a);
  return root * root;
}

}  // namespace

void Adwin::learn(std::span<const Call> history) {
  rows_.assign(1, Row{});
  width_ = mean_ = squares_ = statistic_ = 0;
  since_look_ = 0;
  for (const Call& call : history) insert(call.value);
}

double Adwin::step(const Call& call) {
  insert(call.value);
  if (++since_look_ < kLook) return statistic_;
  since_look_ = 0;
  return statistic_ = best_cut();
}

void Adwin::insert(double value) {
  const double before = value - mean_;
  mean_ += before / ++width_;
  squares_ += before * (value - mean_);
  rows_[0].sum[rows_[0].size++] = value;
  for (std::size_t i = 0; i < rows_.size() && rows_[i].size > kPerRow; ++i) {
    if (i + 1 == rows_.size()) rows_.emplace_back();
    Row& row = rows_[i];
    Row& next = rows_[i + 1];
    next.sum[next.size++] = row.sum[0] + row.sum[1];
    std::copy(row.sum + 2, row.sum + row.size, row.sum);
    row.size -= 2;
  }
}

double Adwin::best_cut() const {
  const double variance = squares_ / width_;
  const double total = mean_ * width_;
  double n0 = 0, sum0 = 0, best = 0;
  for (std::size_t i = rows_.size(); i-- > 0;) {
    for (int k = 0; k < rows_[i].size; ++k) {
      n0 += std::ldexp(1.0, static_cast<int>(i));
      sum0 += rows_[i].sum[k];
      const double n1 = width_ - n0;
      if (n0 < kLeastPart || n1 < kLeastPart) continue;
      const double difference = (total - sum0) / n1 - sum0 / n0;
      if (difference > 0) best = std::max(best, log_confidence(difference, n0, n1, variance));
    }
  }
  return best - std::log(2 * std::log(width_));
}

}  // namespace costdrift::bench
