#include "daemon/delivery/pace.h"

#include <algorithm>

namespace costdrift::daemon {
namespace {

constexpr core::Duration kFirstBackoff = core::seconds(1);
constexpr core::Duration kLongestBackoff = core::seconds(300);
constexpr int kFailuresToOpen = 5;
constexpr core::Duration kFirstBreak = core::seconds(30);
constexpr core::Duration kLongestBreak = core::minutes(5);

}  // namespace

core::MonotonicTime Pace::next() const { return after(booked_until_, min_interval_ * -(burst_ - 1)); }

void Pace::take(core::MonotonicTime now) { booked_until_ = after(std::max(booked_until_, now), min_interval_); }

core::Duration jittered_backoff(std::mt19937& random, int failures) {
  const int doublings = std::clamp(failures - 1, 0, 20);
  const core::Duration longest = std::min(kLongestBackoff, kFirstBackoff * (std::int64_t{1} << doublings));
  return core::microseconds(std::uniform_int_distribution<std::int64_t>(0, longest.us)(random));
}

void Breaker::on_failure(core::MonotonicTime now) {
  if (++failures_ < kFailuresToOpen) return;
  wait_ = open() ? std::min(wait_ * 2, kLongestBreak) : kFirstBreak;
  retry_at_ = after(now, wait_);
}

void Breaker::on_success() { *this = Breaker(); }

}  // namespace costdrift::daemon
