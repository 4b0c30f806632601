#include "detectors/share_watch.h"

#include <algorithm>

namespace costdrift::detectors {
namespace {

constexpr std::int64_t kHoursToLearn = 24;
constexpr double kFading = 0.99;
constexpr core::Duration kLearnedAfter = core::days(8);

double share_of(std::int64_t bad, std::int64_t calls) {
  return calls > 0 ? static_cast<double>(bad) / static_cast<double>(calls) : 0;
}

}  // namespace

double ShareRule::limit(double worst) const {
  return std::max({least, worst * of_usual, worst + (1 - worst) * of_rest});
}

ShareWatch::Change ShareWatch::add(core::EventTime at, std::int64_t bad, std::int64_t calls, const ShareRule& rule) {
  const core::EventTime window = core::floor_to(at, kWindow), hour = core::floor_to(at, core::hours(1));
  Change change = Change::none;
  if (window != window_) {
    hour_spoilt_ = hour_spoilt_ || changed_;
    change = close_window(rule);
    hour_spoilt_ = hour_spoilt_ || changed_;
    window_ = window;
    bad_ = calls_ = 0;
  }
  if (hour != hour_) {
    close_hour(rule);
    hour_ = hour;
    hour_spoilt_ = changed_;
    hour_bad_ = hour_calls_ = 0;
  }
  bad_ += bad;
  calls_ += calls;
  hour_bad_ += bad;
  hour_calls_ += calls;
  return change;
}

ShareWatch::Change ShareWatch::close_window(const ShareRule& rule) {
  if (calls_ < rule.fewest_calls) return Change::none;
  newest_ = share_of(bad_, calls_);
  if (hours_ < kHoursToLearn) return Change::none;
  const double share = newest_, limit = rule.limit(worst_);
  if (!changed_ && worst_ <= rule.most_usual && share >= limit) {
    changed_ = true;
    onset_ = window_;
    share_ = share;
    changed_calls_ = calls_;
    return Change::began;
  }
  if (!changed_) return Change::none;
  changed_calls_ += calls_;
  if (share < (worst_ + limit) / 2) {
    changed_ = false;
    return Change::ended;
  }
  if (window_ - onset_ < kLearnedAfter) return Change::none;
  changed_ = false;
  worst_ = share;
  return Change::learned;
}

void ShareWatch::close_hour(const ShareRule& rule) {
  if (hour_calls_ < rule.fewest_calls || hour_spoilt_) return;
  ++hours_;
  worst_ = std::max(worst_ * kFading, share_of(hour_bad_, hour_calls_));
  sum_bad_ = sum_bad_ * kFading + static_cast<double>(hour_bad_);
  sum_calls_ = sum_calls_ * kFading + static_cast<double>(hour_calls_);
}

void ShareWatch::save(core::ByteWriter& out) const {
  for (const std::int64_t value :
       {window_.us, hour_.us, bad_, calls_, hour_bad_, hour_calls_, hours_, onset_.us, changed_calls_})
    out.i64(value);
  for (const double value : {worst_, sum_bad_, sum_calls_, share_, newest_}) out.f64(value);
  out.boolean(changed_);
  out.boolean(hour_spoilt_);
}

void ShareWatch::restore(core::ByteReader& in) {
  for (std::int64_t* value :
       {&window_.us, &hour_.us, &bad_, &calls_, &hour_bad_, &hour_calls_, &hours_, &onset_.us, &changed_calls_})
    *value = in.i64();
  for (double* value : {&worst_, &sum_bad_, &sum_calls_, &share_, &newest_}) *value = in.f64();
  changed_ = in.boolean();
  hour_spoilt_ = in.boolean();
}

}  // namespace costdrift::detectors
