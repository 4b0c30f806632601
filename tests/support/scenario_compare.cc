#include <algorithm>
#include <map>

#include "core/text.h"
#include "tests/support/scenario.h"

namespace costdrift::tests {
namespace {

// One incident as its versions told it.
struct Told {
  const core::AlertEvent* first = nullptr;
  const core::AlertEvent* last = nullptr;      // the newest version
  const core::AlertEvent* resolved = nullptr;  // or retracted
  std::int64_t drift_alike = 0;                // the most other series that a version told of
  bool claimed = false;
};

std::vector<Told> incidents_of(const std::vector<core::AlertEvent>& alerts) {
  std::vector<Told> incidents;
  std::map<std::string, std::size_t> index;
  for (const auto& alert : alerts) {
    const auto [place, fresh] = index.emplace(alert.incident_id, incidents.size());
    if (fresh) incidents.push_back({&alert, &alert});
    Told& told = incidents[place->second];
    const bool over = alert.status == core::AlertStatus::resolved || alert.status == core::AlertStatus::retracted;
    told.last = &alert;
    told.drift_alike = std::max(told.drift_alike, alert.elsewhere.incidents);
    if (over) told.resolved = &alert;
  }
  return incidents;
}

std::string words(const core::AlertEvent& alert) {
  return core::format_rfc3339(alert.detected_at) + " " + alert.detector + " " +
         std::string(core::severity_name(alert.severity)) + ": " + alert.summary;
}

bool seen_also(const core::AlertEvent& alert, const std::string& detector) {
  return std::any_of(alert.also.begin(), alert.also.end(), [&](const auto& part) { return part.detector == detector; });
}

std::string driver_of(const core::AlertEvent& alert) {
  if (alert.drivers.empty()) return "nobody";
  const core::Driver& driver = alert.drivers.front();
  return std::string(core::dimension_name(driver.dimension)) + " " + driver.value;
}

std::string app_that_tells_of(const core::AlertEvent& alert) {
  return alert.told_by ? alert.told_by->series.label(core::Dimension::app) : std::string();
}

class Judge {
 public:
  Judge(const Scenario& scenario, const ExpectedAlert& expected)
      : expected_(expected),
        begins_(scenario.change_time(expected.change)),
        ends_(begins_ + scenario.changes[expected.change].lasts) {}

  // Which incident is meant: this detector, or one that it joined, on this app, since the change.
  bool meant(const Told& told) const {
    const core::SeriesKey& series = told.first->series;
    if (!expected_.model.empty() && series.label(core::Dimension::model) != expected_.model) return false;
    return series.label(core::Dimension::app) == expected_.app && told.first->detected_at >= begins_ &&
           (told.last->detector == expected_.detector || told.first->detector == expected_.detector);
  }

  std::string complaints(const Told& told) const {
    std::string wrong;
    const auto complain = [&](const std::string& what) { wrong += "  " + what + ": " + words(*told.last) + "\n"; };
    if (told.last->detector != expected_.detector) complain("is led by " + told.last->detector);
    if (told.first->detected_at > begins_ + expected_.within) {
      complain("came after " + core::format_duration(told.first->detected_at - begins_) + ", expected within " +
               core::format_duration(expected_.within));
    }
    if (told.last->severity < expected_.severity) complain("severity is too low");
    if (told.last->effect < expected_.effect_low || told.last->effect > expected_.effect_high) {
      complain("effect is " + std::to_string(told.last->effect));
    }
    for (const auto& detector : expected_.also) {
      if (!seen_also(*told.last, detector)) complain(detector + " is not in `also`");
    }
    if (!expected_.driver.empty() && driver_of(*told.last) != expected_.driver) {
      complain("is driven by \"" + driver_of(*told.last) + "\"");
    }
    if (app_that_tells_of(*told.first) != expected_.told_by) complain("is told by " + app_that_tells_of(*told.first));
    if (told.drift_alike != expected_.drift_alike) {
      complain("tells of " + std::to_string(told.drift_alike) + " other series");
    }
    const std::string declared = told.last->declared_change ? told.last->declared_change->note : "";
    if (declared != expected_.declared) complain("names the declared change \"" + declared + "\"");
    if (expected_.announced) return wrong + (ended_at_once(told) ? "" : "  was paged: " + words(*told.first) + "\n");
    if (expected_.resolved_within && !told.resolved) complain("was not resolved");
    if (expected_.resolved_within && told.resolved &&
        *told.resolved->resolved_at > ends_ + *expected_.resolved_within) {
      complain("was resolved " + core::format_duration(*told.resolved->resolved_at - ends_) +
               " after the change ended");
    }
    if (told.resolved && *told.resolved->resolved_at < ends_) complain("was resolved before the change ended");
    return wrong;
  }

 private:
  static bool ended_at_once(const Told& told) {
    return told.first == told.last && told.resolved == told.first && told.first->severity == core::Severity::info;
  }

  const ExpectedAlert& expected_;
  core::EventTime begins_, ends_;
};

}  // namespace

std::string compare(const Scenario& scenario, const std::vector<core::AlertEvent>& alerts) {
  auto incidents = incidents_of(alerts);
  std::string wrong;
  for (const auto& expected : scenario.expected) {
    const Judge judge(scenario, expected);
    const auto found = std::find_if(incidents.begin(), incidents.end(),
                                    [&](const Told& told) { return !told.claimed && judge.meant(told); });
    if (found == incidents.end()) {
      wrong += "  no alert of " + expected.detector + " on " + expected.app + "\n";
      continue;
    }
    found->claimed = true;
    wrong += judge.complaints(*found);
  }
  for (const auto& told : incidents) {
    const bool ticket = told.last->severity == core::Severity::info;
    if (!told.claimed && !(scenario.tickets_allowed && ticket)) wrong += "  unexpected: " + words(*told.last) + "\n";
  }
  return wrong;
}

}  // namespace costdrift::tests
