#include "detectors/money_gate.h"

#include <algorithm>
#include <cmath>

namespace costdrift::detectors {
namespace {

constexpr core::Duration kWeek = core::days(7);
constexpr core::Duration kRemembered = core::days(14);
constexpr double kWindowsPerDay = 4;
constexpr double kMaxWindows = 28 * kWindowsPerDay;

double burden(double false_pages_per_week) {
  return std::clamp(0.1 * std::pow(false_pages_per_week, -4.0 / 3), 0.02, 1.0);
}

}  // namespace

core::NanoUsd at_stake(core::CostPart part, const core::Totals& totals) {
  switch (part) {
    case core::CostPart::input:
      return totals.input_cost;
    case core::CostPart::output:
      return totals.output_cost;
    case core::CostPart::volume:
    case core::CostPart::price:
    case core::CostPart::mix:
    case core::CostPart::cache:
    case core::CostPart::retry:
    case core::CostPart::steps:
      return totals.cost;
  }
  core::bug("unknown cost part");
}

void MoneyGate::window_closed(core::EventTime end, core::NanoUsd stake, bool new_shape) {
  std::erase_if(windows_, [&](const Amount& window) { return window.at <= end - kWeek; });
  windows_.push_back({end, stake});
  if (windows_seen_ >= kMaxWindows) {
    new_shapes_ *= 1 - 1 / kMaxWindows;
  } else {
    ++windows_seen_;
  }
  if (new_shape) ++new_shapes_;
}

void MoneyGate::excursion_ended(core::EventTime at, core::NanoUsd excess) {
  if (excess.nano <= 0) return;
  std::erase_if(excursions_, [&](const Amount& one) { return one.at <= at - kRemembered || one.usd <= excess; });
  excursions_.push_back({at, excess});
}

double MoneyGate::daily_stake(core::EventTime now) const {
  double usd = 0;
  core::EventTime first = now;
  for (const Amount& window : windows_) {
    if (window.at <= now - kWeek) continue;
    usd += core::to_usd(window.usd);
    first = std::min(first, window.at - core::hours(6));
  }
  return usd / std::clamp(core::to_hours(now - first) / 24, 1.0, 7.0);
}

core::NanoUsd MoneyGate::floor(core::EventTime now, double false_pages_per_week) const {
  const double age_days = std::max(1.0, windows_seen_ / kWindowsPerDay);
  core::NanoUsd usd = core::from_usd(burden(false_pages_per_week) * daily_stake(now) * (1 + new_shapes_) / age_days);
  for (const Amount& one : excursions_) {
    if (one.at > now - kRemembered) usd = std::max(usd, one.usd);
  }
  return usd;
}

int MoneyGate::new_shapes() const { return static_cast<int>(std::lround(new_shapes_)); }

void MoneyGate::save(core::ByteWriter& out) const {
  for (const auto* amounts : {&windows_, &excursions_}) {
    out.u64(amounts->size());
    for (const Amount& one : *amounts) {
      out.i64(one.at.us);
      out.i64(one.usd.nano);
    }
  }
  out.f64(windows_seen_);
  out.f64(new_shapes_);
}

void MoneyGate::restore(core::ByteReader& in) {
  for (auto* amounts : {&windows_, &excursions_}) {
    amounts->resize(in.count(2));
    for (Amount& one : *amounts) {
      one.at = {in.i64()};
      one.usd = {in.i64()};
    }
  }
  windows_seen_ = in.f64();
  new_shapes_ = in.f64();
}

}  // namespace costdrift::detectors
