#include "detectors/silence_watch.h"

#include <algorithm>

namespace costdrift::detectors {
namespace {

constexpr double kFewestMissing = 100, kTimesWorst = 3, kFading = 0.99;
constexpr core::Duration kShortest = core::minutes(15);
constexpr std::int64_t kHourUs = 3'600'000'000;

std::size_t slot_of(core::EventTime hour, std::int64_t slots) {
  return static_cast<std::size_t>(hour.us / kHourUs % slots);
}

}  // namespace

SilenceWatch::Change SilenceWatch::add(core::EventTime minute, std::int64_t calls) {
  const core::EventTime hour = core::floor_to(minute, core::hours(1)), end = minute + core::minutes(1);
  if (hour != hour_) {
    // An hour of which the beginning was not seen says nothing.
    if (whole_hour_ && !silent_) close_hour();
    whole_hour_ = hour == minute || (hour_ != core::EventTime::min() && hour - hour_ == core::hours(1));
    hour_ = hour;
    hour_calls_ = 0;
  }
  hour_calls_ += calls;
  if (calls > 0) {
    const bool was_silent = std::exchange(silent_, false);
    worst_ = std::max(worst_, missing_);
    last_call_ = end;
    missing_ = 0;
    return was_silent ? Change::ended : Change::none;
  }
  if (last_call_ == core::EventTime::min()) return Change::none;
  missing_ += expected(minute);
  const bool over = missing_ >= std::max(kFewestMissing, kTimesWorst * worst_) && end - last_call_ >= kShortest;
  if (silent_ || !over) return Change::none;
  silent_ = true;
  return Change::began;
}

double SilenceWatch::expected(core::EventTime minute) const {
  if (hours_ < 24) return 0;
  const std::int64_t hour = hours_ < 168 ? *std::min_element(day_.begin(), day_.end()) : usual_[slot_of(minute, 168)];
  return static_cast<double>(hour) / 60;
}

void SilenceWatch::close_hour() {
  std::int64_t& usual = usual_[slot_of(hour_, 168)];
  usual = hours_ < 168 ? hour_calls_ : std::min(hour_calls_, usual + usual / 10 + 1);
  day_[slot_of(hour_, 24)] = hour_calls_;
  worst_ *= kFading;
  ++hours_;
  learned_ = true;
}

void SilenceWatch::save(core::ByteWriter& out) const {
  for (const std::int64_t value : {hour_.us, last_call_.us, hour_calls_}) out.i64(value);
  out.f64(missing_);
  out.f64(worst_);
  out.boolean(silent_);
  out.boolean(whole_hour_);
}

void SilenceWatch::restore(core::ByteReader& in) {
  for (std::int64_t* value : {&hour_.us, &last_call_.us, &hour_calls_}) *value = in.i64();
  missing_ = in.f64();
  worst_ = in.f64();
  silent_ = in.boolean();
  whole_hour_ = in.boolean();
}

void SilenceWatch::save_hours(core::ByteWriter& out) const {
  out.i64(hours_);
  for (const std::int64_t count : usual_) out.i64(count);
  for (const std::int64_t count : day_) out.i64(count);
}

void SilenceWatch::restore_hours(core::ByteReader& in) {
  hours_ = in.i64();
  for (std::int64_t& count : usual_) count = in.i64();
  for (std::int64_t& count : day_) count = in.i64();
}

}  // namespace costdrift::detectors
