#include "detectors/simultaneous_alarms.h"

#include <utility>
#include <vector>

#include "detectors/stats/e_bh.h"

namespace costdrift::detectors {
namespace {

constexpr std::uint64_t kAlarmsVersion = 1;
constexpr core::Duration kRemembered = core::days(1);

}  // namespace

void SimultaneousAlarms::report(std::string_view series, double margin, core::EventTime at) {
  const auto known = near_.find(series);
  if (margin < -stats::kMostRelief) {
    if (known == near_.end()) return;
    near_.erase(known);
  } else if (known != near_.end()) {
    known->second = {margin, at};
  } else {
    near_.emplace(series, Near{margin, at});
  }
  changed_ = true;
}

void SimultaneousAlarms::bucket_time_ended(core::EventTime now, double false_pages_per_week) {
  if (near_.empty() && relief_ == 0) return;
  std::vector<double> margins;
  std::erase_if(near_, [&](const auto& item) {
    const bool old = now - item.second.at >= kRemembered;
    if (!old) margins.push_back(item.second.margin);
    changed_ = changed_ || old;
    return old;
  });
  const double relief = stats::e_bh_relief(std::move(margins), kFalseDiscoveries, false_pages_per_week);
  changed_ = changed_ || relief != relief_;
  relief_ = relief;
}

void SimultaneousAlarms::save(core::ByteWriter& out) const {
  out.u64(kAlarmsVersion);
  out.f64(relief_);
  out.u64(near_.size());
  for (const auto& [series, near] : near_) {
    out.text(series);
    out.f64(near.margin);
    out.i64(near.at.us);
  }
}

bool SimultaneousAlarms::restore(std::string_view bytes) {
  *this = {};
  core::ByteReader in(bytes);
  if (in.u64() != kAlarmsVersion) return false;
  relief_ = in.f64();
  for (std::size_t left = in.count(3); left > 0; --left) {
    const std::string series = in.text();
    const double margin = in.f64();
    near_[series] = {margin, {in.i64()}};
  }
  if (in.finished()) return true;
  *this = {};
  return false;
}

}  // namespace costdrift::detectors
