#include "bench/arl_delay/window_rules.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace costdrift::bench {

void WindowMean::learn(std::span<const Call> history) {
  minutes_.clear();
  open_ = mean_ = 0;
  filled_ = 0;
  const std::size_t wanted = std::min<std::size_t>(history.size(), static_cast<std::size_t>(6 * minute_));
  for (const Call& call : history.last(wanted)) step(call);
}

double WindowMean::step(const Call& call) {
  open_ += call.value;
  if (++filled_ < minute_) return mean_;
  minutes_.push_back(open_);
  if (minutes_.size() > 5) minutes_.erase(minutes_.begin());
  mean_ = std::accumulate(minutes_.begin(), minutes_.end(), 0.0) / static_cast<double>(minutes_.size()) / minute_;
  open_ = 0;
  filled_ = 0;
  return mean_;
}

void ZScore::learn(std::span<const Call> history) {
  past_.clear();
  next_ = 0;
  sum_ = square_ = score_ = 0;
  filled_ = 0;
  mean_.learn(history.first(std::min<std::size_t>(history.size(), static_cast<std::size_t>(6 * minute_))));
  center_ = mean_.step(history.front());
  const std::size_t wanted = std::min(history.size(), (length_ + 6) * static_cast<std::size_t>(minute_));
  mean_.learn({});
  for (const Call& call : history.last(wanted)) step(call);
}

double ZScore::step(const Call& call) {
  const double value = mean_.step(call);
  if (++filled_ < minute_) return score_;
  filled_ = 0;
  return score_ = look(value - center_);
}

double ZScore::look(double value) {
  double score = 0;
  if (past_.size() == length_) {
    const auto n = static_cast<double>(length_);
    const double mean = sum_ / n;
    score = (value - mean) / std::sqrt(std::max(square_ / n - mean * mean, 1e-300));
    sum_ -= past_[next_];
    square_ -= past_[next_] * past_[next_];
    past_[next_] = value;
  } else {
    past_.push_back(value);
  }
  sum_ += value;
  square_ += value * value;
  next_ = (next_ + 1) % length_;
  return score;
}

}  // namespace costdrift::bench
