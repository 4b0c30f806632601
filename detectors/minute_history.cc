#include "detectors/minute_history.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace costdrift::detectors {
namespace {

constexpr double kScale = 850;  // steps of 0.12 %
constexpr std::int16_t kMissing = 0, kQuiet = 1, kSmallest = 2;

}  // namespace

MinuteHistory::Minute MinuteHistory::of_cost(core::NanoUsd cost) {
  if (cost.nano <= 0) return {.kind = Kind::quiet};
  return {.kind = Kind::value, .log_cost = std::log(static_cast<double>(cost.nano))};
}

std::int16_t MinuteHistory::encode(Minute value) {
  switch (value.kind) {
    case Kind::missing:
      return kMissing;
    case Kind::quiet:
      return kQuiet;
    case Kind::value:
      break;
  }
  const long code = std::lround(value.log_cost * kScale) + kSmallest;
  return static_cast<std::int16_t>(std::clamp<long>(code, kSmallest, std::numeric_limits<std::int16_t>::max()));
}

MinuteHistory::Minute MinuteHistory::decode(std::int16_t code) {
  if (code == kMissing) return {};
  if (code == kQuiet) return {.kind = Kind::quiet};
  return {.kind = Kind::value, .log_cost = (code - kSmallest) / kScale};
}

void MinuteHistory::take_over_day() {
  if (days_.empty()) first_day_ = today_day_;
  const auto end = today_.begin() + kMinutesPerDay;
  days_.insert(days_.end(), today_.begin(), end);
  today_.erase(today_.begin(), end);
  ++today_day_;
  if (completed_days() <= kDays) return;
  days_.erase(days_.begin(), days_.begin() + kMinutesPerDay);
  ++first_day_;
}

bool MinuteHistory::push(std::int64_t minute, Minute value) {
  if (today_day_ < 0) today_day_ = minute / kMinutesPerDay;
  const bool day_is_over = minute - today_day_ * kMinutesPerDay >= kMinutesPerDay + delay_minutes_;
  if (day_is_over) take_over_day();
  today_.resize(static_cast<std::size_t>(minute - today_day_ * kMinutesPerDay), kMissing);
  today_.push_back(encode(value));
  return day_is_over;
}

std::optional<std::int64_t> MinuteHistory::last_minute() const {
  if (today_day_ < 0) return std::nullopt;
  return today_day_ * kMinutesPerDay + static_cast<std::int64_t>(today_.size()) - 1;
}

std::int16_t* MinuteHistory::find(std::int64_t minute) {
  const std::int64_t in_today = minute - today_day_ * kMinutesPerDay;
  if (in_today >= 0) return in_today < std::ssize(today_) ? &today_[static_cast<std::size_t>(in_today)] : nullptr;
  const std::int64_t in_days = minute - first_minute();
  return in_days >= 0 && in_days < std::ssize(days_) ? &days_[static_cast<std::size_t>(in_days)] : nullptr;
}

MinuteHistory::Minute MinuteHistory::at(std::int64_t minute) const {
  const std::int16_t* code = const_cast<MinuteHistory*>(this)->find(minute);
  return code == nullptr ? Minute{} : decode(*code);
}

void MinuteHistory::set_aside(std::int64_t from, std::int64_t to) {
  for (std::int64_t minute = from; minute < to; ++minute)
    if (std::int16_t* code = find(minute)) *code = kMissing;
}

void MinuteHistory::shift(double log_factor) {
  for (auto* part : {&days_, &today_}) {
    for (std::int16_t& code : *part) {
      Minute minute = decode(code);
      minute.log_cost += log_factor;
      code = encode(minute);
    }
  }
}

void MinuteHistory::save_days(core::ByteWriter& out) const {
  out.i64(first_day_);
  out.u64(days_.size());
  for (const std::int16_t code : days_) out.u64(static_cast<std::uint64_t>(code));
}

void MinuteHistory::save_today(core::ByteWriter& out) const {
  out.i64(today_day_);
  out.u64(today_.size());
  for (const std::int16_t code : today_) out.u64(static_cast<std::uint64_t>(code));
}

bool MinuteHistory::restore_days(core::ByteReader& in) {
  first_day_ = in.i64();
  days_.resize(in.count(1));
  for (std::int16_t& code : days_) code = static_cast<std::int16_t>(in.u64());
  return !in.failed() && std::ssize(days_) % kMinutesPerDay == 0;
}

bool MinuteHistory::restore_today(core::ByteReader& in) {
  today_day_ = in.i64();
  today_.resize(in.count(1));
  for (std::int16_t& code : today_) code = static_cast<std::int16_t>(in.u64());
  return !in.failed() && std::ssize(today_) <= 2 * kMinutesPerDay;
}

}  // namespace costdrift::detectors
