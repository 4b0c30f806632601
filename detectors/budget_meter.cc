#include "detectors/budget_meter.h"

#include <algorithm>
#include <cmath>

namespace costdrift::detectors {
namespace {

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr double kUnknownSpread = 0.25, kLeastSpread = 0.05;
constexpr double k80 = 1.28;

std::size_t hour_of_week(std::int64_t hour) { return static_cast<std::size_t>(hour % 168); }

template <class T>
void keep_last(std::vector<T>& values, std::int64_t count) {
  if (std::ssize(values) > count) values.erase(values.begin(), values.end() - count);
}

}  // namespace

void BudgetMeter::add(std::int64_t minute, std::int64_t amount) {
  const std::int64_t first = last_minute_ < 0 ? minute : std::max(last_minute_ + 1, minute - kHoursKept * 60);
  for (std::int64_t at = first; at <= minute; ++at) {
    if (at % 60 == 0 && last_minute_ >= 0) next_hour();
    minutes_.push_back(at == minute ? amount : 0);
    hour_ += minutes_.back();
    last_minute_ = at;
  }
  keep_last(minutes_, kMinutesKept);
  used_ += amount;
}

// The hour before last_minute_ + 1 is complete.
void BudgetMeter::next_hour() {
  hours_.push_back(hour_);
  keep_last(hours_, kHoursKept);
  ++hours_seen_;
  hour_ = 0;
  const std::int64_t next = (last_minute_ + 1) / 60;
  weights_.fill(0);
  if (!knows_a_week()) {
    double sum = 0;
    for (const std::int64_t hour : hours_) sum += static_cast<double>(hour);
    weights_.fill(sum / static_cast<double>(hours_.size()));
    return;
  }
  std::array<double, 168> counts{};
  for (std::int64_t back = 1; back <= std::ssize(hours_); ++back) {
    const std::size_t slot = hour_of_week(next - back);
    weights_[slot] += static_cast<double>(hours_[hours_.size() - static_cast<std::size_t>(back)]);
    counts[slot] += 1;
  }
  for (std::size_t slot = 0; slot < 168; ++slot) weights_[slot] /= counts[slot];
}

double BudgetMeter::used_in(std::int64_t minutes) const {
  double sum = 0;
  if (minutes <= kMinutesKept) {
    const auto count = std::min<std::int64_t>(minutes, std::ssize(minutes_));
    for (auto at = minutes_.end() - count; at != minutes_.end(); ++at) sum += static_cast<double>(*at);
    return sum;
  }
  sum = static_cast<double>(hour_);
  const auto count = std::min<std::int64_t>(minutes / 60, std::ssize(hours_));
  for (auto at = hours_.end() - count; at != hours_.end(); ++at) sum += static_cast<double>(*at);
  return sum;
}

double BudgetMeter::pattern(core::EventTime from, core::EventTime to) const {
  double sum = 0;
  for (core::EventTime at = from; at < to;) {
    const core::EventTime next = std::min(to, core::floor_to(at, core::hours(1)) + core::hours(1));
    sum += weights_[hour_of_week(at.us / kHourUs)] * core::to_hours(next - at);
    at = next;
  }
  return sum;
}

double BudgetMeter::expected_share(core::EventTime begin, core::EventTime now, core::EventTime end) const {
  const double whole = knows_a_week() ? pattern(begin, end) : 0;
  if (whole > 0) return pattern(begin, now) / whole;
  return core::to_hours(now - begin) / core::to_hours(end - begin);
}

// Standard deviation of ln(day / its pattern) over the days that are known.
double BudgetMeter::spread() const {
  double sum = 0, squares = 0, n = 0;
  const std::int64_t current = last_minute_ / 60;
  for (std::int64_t day = 1; day * 24 <= std::ssize(hours_) && knows_a_week(); ++day) {
    double used = 0, expected = 0;
    for (std::int64_t back = (day - 1) * 24 + 1; back <= day * 24; ++back) {
      used += static_cast<double>(hours_[hours_.size() - static_cast<std::size_t>(back)]);
      expected += weights_[hour_of_week(current - back)];
    }
    if (used <= 0 || expected <= 0) continue;
    const double ratio = std::log(used / expected);
    sum += ratio;
    squares += ratio * ratio;
    ++n;
  }
  if (n < 7) return kUnknownSpread;
  return std::max(kLeastSpread, std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n))));
}

std::optional<core::EventTime> BudgetMeter::exhausted(core::EventTime now, core::EventTime end, double left,
                                                      double ratio) const {
  if (left <= 0) return now;
  for (core::EventTime at = now; at < end;) {
    const core::EventTime next = std::min(end, core::floor_to(at, core::hours(1)) + core::hours(1));
    const double used = ratio * pattern(at, next);
    if (used >= left) return at + core::Duration{std::llround(static_cast<double>((next - at).us) * left / used)};
    left -= used;
    at = next;
  }
  return std::nullopt;
}

std::optional<BudgetForecast> BudgetMeter::forecast(core::EventTime now, core::EventTime end,
                                                    std::int64_t limit) const {
  if (hours_seen_ < 24) return std::nullopt;
  const double expected = pattern(now - core::hours(24), now);
  if (expected <= 0) return std::nullopt;
  double recent = static_cast<double>(hour_);
  for (std::int64_t back = 1; back <= 24 && back <= std::ssize(hours_); ++back) {
    // The oldest hour overlaps the day by what the current one lacks.
    const double part = back == 24 ? 1 - static_cast<double>(last_minute_ % 60 + 1) / 60 : 1;
    recent += part * static_cast<double>(hours_[hours_.size() - static_cast<std::size_t>(back)]);
  }
  const double ratio = recent / expected, width = std::exp(k80 * spread());
  const double rest = pattern(now, end), left = static_cast<double>(limit - used_);
  const auto used = static_cast<double>(used_);
  return BudgetForecast{.at_end = used + ratio * rest,
                        .low = used + ratio / width * rest,
                        .high = used + ratio * width * rest,
                        .exhausted = exhausted(now, end, left, ratio),
                        .earliest = exhausted(now, end, left, ratio * width),
                        .latest = exhausted(now, end, left, ratio / width)};
}

void BudgetMeter::save(core::ByteWriter& out) const {
  for (const std::int64_t value : {used_, last_minute_, hours_seen_, hour_}) out.i64(value);
  for (const auto* values : {&minutes_, &hours_}) {
    out.u64(values->size());
    for (const std::int64_t value : *values) out.i64(value);
  }
  for (const double weight : weights_) out.f64(weight);
}

void BudgetMeter::restore(core::ByteReader& in) {
  for (std::int64_t* value : {&used_, &last_minute_, &hours_seen_, &hour_}) *value = in.i64();
  for (auto* values : {&minutes_, &hours_}) {
    values->resize(in.count(1));
    for (std::int64_t& value : *values) value = in.i64();
  }
  for (double& weight : weights_) weight = in.f64();
}

}  // namespace costdrift::detectors
