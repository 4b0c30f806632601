#include "daemon/delivery/sink_notice.h"

#include "core/hash.h"
#include "core/text.h"
#include "core/time.h"

namespace costdrift::daemon {
namespace {

constexpr core::Duration kNotAgainWithin = core::hours(1);

core::Notification notice(std::string_view detector, const std::string& about, std::string summary, core::WallTime now,
                          bool over) {
  core::Notification notice;
  notice.action = over ? core::NotificationAction::resolve : core::NotificationAction::trigger;
  core::AlertEvent& event = notice.event;
  event.incident_id = core::hash128_hex(std::string(detector) + "\n" + about);
  event.version = now.us / 1'000'000;
  event.status = over ? core::AlertStatus::resolved : core::AlertStatus::firing;
  event.detector = detector;
  event.severity = core::Severity::warning;
  event.onset = event.onset_earliest = event.onset_latest = event.detected_at = event.updated_at = {now.us};
  if (over) event.resolved_at = event.updated_at;
  event.summary = std::move(summary);
  return notice;
}

std::string counted(std::int64_t number, const std::string& what) {
  return core::group_digits(number) + " " + what + (number == 1 ? "" : "s");
}

std::string names_of(const std::vector<core::SeriesKey>& series) {
  std::string names;
  for (const core::SeriesKey& key : series) names += (names.empty() ? "" : "; ") + key.display();
  return names;
}

}  // namespace

core::Notification series_limit_notice(std::int64_t max_series, const state::SeriesCensus& census, core::WallTime now) {
  std::string summary =
      core::group_digits(max_series) +
      " series are kept apart, as many as limits.max_series allows: " + counted(census.apps, "application") + " and " +
      counted(census.models, "model") + ", the newest " + names_of(census.newest) +
      ". Calls of further ones are counted exactly, but together, and nothing is judged about each "
      "of them, unless it comes to 1 % of the spend";
  core::Notification told = notice(core::kSeriesLimitDetector, "", std::move(summary), now, false);
  told.event.version = now.us / core::days(1).us;
  return told;
}

core::Notification disk_notice(const std::string& problem, core::WallTime now, bool over) {
  return notice(core::kDiskFullDetector, "", problem, now, over);
}

std::optional<core::Notification> SinkNotices::tell(const std::string& sink, std::string summary, core::WallTime now) {
  const std::scoped_lock lock(mutex_);
  const auto told = told_.find(sink);
  if (told != told_.end() && now.us - told->second.at.us < kNotAgainWithin.us) return std::nullopt;
  told_[sink] = {.at = now, .over = false};
  return notice(core::kSinkProblemDetector, sink, std::move(summary), now, false);
}

std::optional<core::Notification> SinkNotices::on_rejected(const std::string& sink, const std::string& reason,
                                                           core::WallTime now) {
  return tell(sink, "Sink " + core::escape_for_log(sink, 100) + " refuses what it is sent: " + reason, now);
}

std::optional<core::Notification> SinkNotices::on_expired(const std::string& sink, const std::string& what,
                                                          core::WallTime now) {
  return tell(sink, "Sink " + core::escape_for_log(sink, 100) + " does not answer: " + what, now);
}

std::optional<core::Notification> SinkNotices::on_delivered(const std::string& sink, core::WallTime now) {
  const std::scoped_lock lock(mutex_);
  const auto told = told_.find(sink);
  if (told == told_.end() || told->second.over) return std::nullopt;
  if (now.us / 1'000'000 <= told->second.at.us / 1'000'000) return std::nullopt;
  told->second.over = true;
  return notice(core::kSinkProblemDetector, sink, "Sink " + core::escape_for_log(sink, 100) + " takes messages again",
                now, true);
}

}  // namespace costdrift::daemon
