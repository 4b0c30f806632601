#include "detectors/silence_watch.h"

#include <algorithm>

namespace costdrift::detectors {
namespace {

constexpr double kFewestMissing = 100, kTimesWorst = 3, kWorstFading = 0.99;
constexpr core::Duration kShortest = core::minutes(15);
constexpr std::int64_t kHourUs = 3'600'000'000, kWeek = 168;
// So often an hour of the week was seen until it can do without the day before.
constexpr std::int64_t kWeeksAlone = 3;

std::size_t slot_of(core::EventTime hour, std::int64_t slots) {
  return static_cast<std::size_t>(hour.us / kHourUs % slots);
}

}  // namespace

SilenceWatch::Change SilenceWatch::add(core::EventTime minute, std::int64_t calls) {
  const core::EventTime hour = core::floor_to(minute, core::hours(1)), end = minute + core::minutes(1);
  if (hour != hour_) {
    end_hour();
    // An hour of which the beginning was not seen says nothing.
    const bool adjoins = hour_ != core::EventTime::min() && hour - hour_ == core::hours(1);
    if (!adjoins) quiet_hours_ = 0;
    whole_hour_ = hour == minute || adjoins;
    hour_ = hour;
    hour_calls_ = 0;
  }
  hour_calls_ += calls;
  if (calls > 0) {
    learn_quiet_hours();
    const bool was_silent = std::exchange(silent_, false);
    end_pause(was_silent);
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

// A silence that was told becomes a habit with the second one like it.
void SilenceWatch::end_pause(bool was_told) {
  worst_ = std::max(worst_, was_told ? std::min(missing_, told_) : missing_);
  if (was_told) told_ = std::max(told_, missing_);
}

void SilenceWatch::accept() {
  if (std::exchange(silent_, false)) worst_ = std::max(worst_, missing_);
}

double SilenceWatch::expected(core::EventTime minute) const {
  if (hours_ < 24) return 0;
  const std::int64_t least = hours_ < kWeek ? *std::min_element(day_.begin(), day_.end()) : least_around(minute);
  return static_cast<double>(least) / 60;
}

std::int64_t SilenceWatch::least_around(core::EventTime minute) const {
  const auto around = [&](core::EventTime hour) {
    const auto at = [&](int hours) { return usual_[slot_of(hour + core::hours(hours), kWeek)]; };
    return std::min({at(-1), at(0), at(1)});
  };
  const std::int64_t least = around(minute);
  return hours_ < kWeeksAlone * kWeek ? std::min(least, around(minute - core::days(1))) : least;
}

// What a pause lacks is reckoned from the hours before it: its own are learned when it is over.
void SilenceWatch::end_hour() {
  if (!whole_hour_) return;
  if (hour_calls_ == 0) {
    ++quiet_hours_;
  } else if (!silent_) {
    learn(hour_, hour_calls_);
  }
}

void SilenceWatch::learn_quiet_hours() {
  const std::int64_t hours = std::exchange(quiet_hours_, 0);
  if (silent_) return;
  for (std::int64_t ago = std::min(hours, kWeek); ago > 0; --ago) learn(hour_ - core::hours(ago), 0);
}

void SilenceWatch::learn(core::EventTime hour, std::int64_t calls) {
  std::int64_t& usual = usual_[slot_of(hour, kWeek)];
  usual = hours_ < kWeek ? calls : std::min(calls, usual + usual / 10 + 1);
  day_[slot_of(hour, 24)] = calls;
  worst_ *= kWorstFading;
  told_ *= kWorstFading;
  ++hours_;
  learned_ = true;
}

void SilenceWatch::save(core::ByteWriter& out) const {
  for (const std::int64_t value : {hour_.us, last_call_.us, hour_calls_}) out.i64(value);
  out.i64(quiet_hours_);
  out.f64(missing_);
  out.f64(worst_);
  out.f64(told_);
  out.boolean(silent_);
  out.boolean(whole_hour_);
}

void SilenceWatch::restore(core::ByteReader& in) {
  for (std::int64_t* value : {&hour_.us, &last_call_.us, &hour_calls_}) *value = in.i64();
  quiet_hours_ = in.i64();
  missing_ = in.f64();
  worst_ = in.f64();
  told_ = in.f64();
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
