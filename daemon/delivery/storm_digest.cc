#include "daemon/delivery/storm_digest.h"

#include <algorithm>

#include "core/hash.h"
#include "core/money.h"
#include "core/text.h"

namespace costdrift::daemon {
namespace {

constexpr std::size_t kNamed = 10;
constexpr std::size_t kLongestName = 60;

double usd_per_hour(const core::AlertEvent& event) { return event.usd_per_hour.value_or(0); }

std::vector<const core::AlertEvent*> largest_first(const std::vector<core::Notification>& folded) {
  std::vector<const core::AlertEvent*> open;
  for (const auto& message : folded) {
    if (message.action != core::NotificationAction::resolve) open.push_back(&message.event);
  }
  std::sort(open.begin(), open.end(), [](const auto* a, const auto* b) {
    return std::pair(-usd_per_hour(*a), a->incident_id) < std::pair(-usd_per_hour(*b), b->incident_id);
  });
  return open;
}

std::string name_of(const core::AlertEvent& event) {
  return core::escape_for_log(event.series.display(), kLongestName);
}

std::string summary_of(const StormState& state, std::size_t all, const std::vector<const core::AlertEvent*>& open,
                       double usd) {
  std::string text = state.ends ? "The storm of alerts is over. " : "";
  if (all == 0) return text + "From now on incidents are told one by one again";
  text += core::group_digits(static_cast<std::int64_t>(all)) + " incidents in one message, " +
          core::group_digits(static_cast<std::int64_t>(all - open.size())) + " of them ended; " +
          core::format_usd(usd) + " an hour at stake";
  for (std::size_t i = 0; i < std::min(open.size(), kNamed); ++i) {
    text += (i == 0 ? ". Largest: " : "; ") + name_of(*open[i]);
    if (open[i]->usd_per_hour) text += " " + core::format_usd(*open[i]->usd_per_hour) + "/h";
  }
  return text + ". All: `costdrift alerts list`";
}

}  // namespace

std::string storm_incident_id(const std::string& sink) { return core::hash128_hex("storm\n" + sink); }

core::Notification storm_digest(const StormState& state, const std::vector<core::Notification>& folded) {
  using core::AlertStatus, core::NotificationAction;
  const auto open = largest_first(folded);
  core::Notification digest;
  digest.action = state.ends      ? NotificationAction::resolve
                  : state.goes_on ? NotificationAction::update
                                  : NotificationAction::trigger;
  core::AlertEvent& event = digest.event;
  event.incident_id = storm_incident_id(state.sink);
  event.version = state.version;
  event.status = state.ends ? AlertStatus::resolved : state.goes_on ? AlertStatus::updated : AlertStatus::firing;
  event.reason = "more incidents than limits.incidents_per_minute";
  event.detector = core::kStormDetector;
  event.severity = core::Severity::info;
  event.onset = event.detected_at = event.updated_at = {state.at.us};
  double usd = 0;
  for (const auto* one : open) {
    event.severity = std::max(event.severity, one->severity);
    event.onset = std::min(event.onset, one->onset);
    usd += usd_per_hour(*one);
    event.calls += one->calls;
    if (event.also.size() == kNamed) continue;
    event.also.push_back({one->detector, one->onset, name_of(*one) + " " + one->quantity, one->unit, one->expected,
                          one->observed, one->effect, one->usd_per_hour});
  }
  event.onset_earliest = event.onset_latest = event.onset;
  if (state.ends) event.resolved_at = event.updated_at;
  event.unit = "incidents";
  event.quantity = "incidents in one message";
  event.observed = static_cast<double>(folded.size());
  event.usd_per_hour = usd;
  event.summary = summary_of(state, folded.size(), open, usd);
  return digest;
}

}  // namespace costdrift::daemon
