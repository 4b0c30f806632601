#include "state/unplaced_spend.h"

#include <algorithm>

#include "state/dump_text.h"
#include "state/ordered_key.h"

namespace costdrift::state {
namespace {

using core::EventTime;
using core::NanoUsd;

constexpr std::uint64_t kUnplacedVersion = 1;
constexpr core::Duration kHour = core::hours(1);
constexpr std::int64_t kForgottenPart = 24;

// Rounded towards 0, so that what is not added to is gone one day.
NanoUsd aged(NanoUsd sum) { return {sum.nano - sum.nano / kForgottenPart - (sum.nano % kForgottenPart != 0 ? 1 : 0)}; }

std::string hour_key(EventTime hour) { return std::string(kUnplacedHourPrefix) + OrderedKey().time(hour).take(); }

std::string encode(EventTime until, NanoUsd total, const SpendSketch& series) {
  core::ByteWriter out;
  out.u64(kUnplacedVersion);
  out.i64(until.us);
  out.i64(total.nano);
  series.encode(out);
  return out.take();
}

bool decode(std::string_view bytes, EventTime& until, NanoUsd& total, SpendSketch& series) {
  core::ByteReader in(bytes);
  if (in.u64() != kUnplacedVersion) return false;
  until.us = in.i64();
  total.nano = in.i64();
  return series.decode(in) && in.finished();
}

}  // namespace

core::Result<void> UnplacedSpend::load(EventTime closed_until) {
  closed_until_ = closed_until;
  const auto read = [&](std::string_view key, std::string_view value) {
    const bool readable = load_row(key, value);
    if (!readable) store_.report_unreadable(KeySpace::meta, key);
    return readable;
  };
  if (const auto past = store_.get(KeySpace::meta, kUnplacedPastKey)) (void)read(kUnplacedPastKey, *past);
  const std::string prefix(kUnplacedHourPrefix);
  store_.scan(KeySpace::meta, prefix, end_of_prefix(prefix), read);
  if (store_.failed()) return core::fail(core::ErrorCode::io, store_.failure());
  return {};
}

bool UnplacedSpend::load_row(std::string_view key, std::string_view value) {
  if (key == kUnplacedPastKey) return decode(value, past_until_, past_.total, past_.series);
  EventTime end;
  Spend spend;
  if (!decode(value, end, spend.total, spend.series)) return false;
  hours_[end - kHour] = std::move(spend);
  return true;
}

UnplacedSpend::Spend& UnplacedSpend::hour_of(EventTime start) {
  Spend& hour = hours_[core::floor_to(start, kHour)];
  hour.changed = true;
  return hour;
}

void UnplacedSpend::add(EventTime start, std::uint64_t series_hash, NanoUsd cost) {
  if (cost.nano != 0) hour_of(start).series.add(SpendSketch::cells_of(series_hash), cost);
}

void UnplacedSpend::add_total(EventTime start, NanoUsd cost) {
  if (cost.nano != 0) hour_of(start).total += cost;
}

void UnplacedSpend::close_until(EventTime closed_until) {
  closed_until_ = closed_until;
  const EventTime known_until = core::floor_to(closed_until, kHour) - kHour;
  if (known_until <= past_until_ || hours_.empty()) return;
  for (past_until_ = first_hour(); past_until_ < known_until; past_until_ = past_until_ + kHour) join_past(past_until_);
  past_.changed = true;
}

EventTime UnplacedSpend::first_hour() const {
  return past_until_ == EventTime::min() && !hours_.empty() ? hours_.begin()->first : past_until_;
}

void UnplacedSpend::join_past(EventTime hour) {
  const auto found = hours_.find(hour);
  const SpendSketch none;
  const SpendSketch& added = found == hours_.end() ? none : found->second.series;
  if (!past_.series.empty() || !added.empty())
    past_.series.transform([&](std::size_t cell, NanoUsd sum) { return aged(sum) + added.at(cell); });
  past_.total = aged(past_.total);
  if (found == hours_.end()) return;
  past_.total += found->second.total;
  hours_.erase(found);
  store_.erase(KeySpace::meta, hour_key(hour));
}

bool UnplacedSpend::is_large_in_hour(const SpendSketch::Cells& cells, EventTime hour) const {
  if (past_until_ == EventTime::min() && hours_.empty()) return false;
  std::array<NanoUsd, SpendSketch::kRows> sums;
  for (std::size_t row = 0; row < cells.size(); ++row) sums[row] = past_.series.at(cells[row]);
  NanoUsd total = past_.total;
  for (EventTime h = first_hour(); h < hour - kHour; h = h + kHour) {
    const auto found = hours_.find(h);
    for (std::size_t row = 0; row < cells.size(); ++row) {
      sums[row] = aged(sums[row]);
      if (found != hours_.end()) sums[row] += found->second.series.at(cells[row]);
    }
    total = aged(total);
    if (found != hours_.end()) total += found->second.total;
  }
  const NanoUsd estimate = *std::min_element(sums.begin(), sums.end());
  return estimate.nano > 0 && estimate.nano >= total.nano / kLargeShare;
}

bool UnplacedSpend::is_large(std::uint64_t series_hash, EventTime start) const {
  return is_large_in_hour(SpendSketch::cells_of(series_hash), core::floor_to(start, kHour));
}

bool UnplacedSpend::may_become_large(std::uint64_t series_hash, EventTime start) const {
  const EventTime hour = core::floor_to(start, kHour);
  if (closed_until_ == EventTime::min() || hour - kHour > closed_until_) return true;
  const SpendSketch::Cells cells = SpendSketch::cells_of(series_hash);
  const EventTime closing = core::floor_to(closed_until_, kHour);
  return is_large_in_hour(cells, hour) || (closing < hour && is_large_in_hour(cells, closing));
}

void UnplacedSpend::save() {
  if (past_.changed) {
    store_.put(KeySpace::meta, std::string(kUnplacedPastKey), encode(past_until_, past_.total, past_.series));
    past_.changed = false;
  }
  for (auto& [hour, spend] : hours_) {
    if (!spend.changed) continue;
    store_.put(KeySpace::meta, hour_key(hour), encode(hour + kHour, spend.total, spend.series));
    spend.changed = false;
  }
}

std::optional<std::string> describe_unplaced_row(std::string_view key, std::string_view value) {
  EventTime until;
  NanoUsd total;
  SpendSketch series;
  if (!decode(value, until, total, series)) return std::nullopt;
  core::ByteWriter sums;
  series.encode(sums);
  return std::string(key == kUnplacedPastKey ? "unplaced past" : "unplaced hour") +
         " until=" + core::format_rfc3339(until) + " total=" + core::format_exact(total) +
         describe_opaque(sums.bytes());
}

}  // namespace costdrift::state
