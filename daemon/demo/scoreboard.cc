#include "daemon/demo/scoreboard.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace costdrift::daemon::demo {

namespace {

std::string text_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// All versions of one incident that the daemon told.
struct Page {
  const AlertFacts* first = nullptr;        // the first version that was a page; nullptr: a ticket only
  std::vector<const AlertFacts*> versions;  // rising

  bool has_kind(const std::string& detector) const {
    return std::any_of(versions.begin(), versions.end(), [&](const AlertFacts* alert) {
      return alert->detector == detector ||
             std::find(alert->also.begin(), alert->also.end(), detector) != alert->also.end();
    });
  }
};

std::map<std::string, Page> pages_of(const std::vector<AlertFacts>& alerts) {
  std::map<std::string, Page> pages;
  for (const AlertFacts& alert : alerts) pages[alert.incident_id].versions.push_back(&alert);
  for (auto& [id, page] : pages) {
    std::stable_sort(page.versions.begin(), page.versions.end(),
                     [](const AlertFacts* a, const AlertFacts* b) { return a->version < b->version; });
    const auto first = std::find_if(page.versions.begin(), page.versions.end(),
                                    [](const AlertFacts* alert) { return alert->is_page(); });
    if (first != page.versions.end()) page.first = *first;
  }
  return pages;
}

bool in_place_and_time(const AlertFacts& alert, const PlayedIncident& played) {
  return alert.app == played.incident.app && alert.onset_latest >= played.from && alert.onset_earliest < played.to;
}

// The last figure that was told while the incident fired; the last of all when it was only told at the end.
std::optional<double> stated_usd_per_hour(const Page& page) {
  std::optional<double> stated;
  for (const AlertFacts* alert : page.versions) {
    const bool firing = alert->status == "firing" || alert->status == "updated";
    if (alert->usd_per_hour && (firing || !stated)) stated = alert->usd_per_hour;
  }
  return stated;
}

void count_page(IncidentScore& incident, const Page& page) {
  const core::Duration delay = page.first->detected_at - incident.played->from;
  if (incident.alerted && incident.delay <= delay) return;
  incident.alerted = true;
  incident.delay = delay;
  incident.severity = page.versions.back()->severity;
  incident.stated_usd_per_hour = stated_usd_per_hour(page);
}

void judge(Score& score, const Page& page) {
  bool about_an_incident = false;
  for (IncidentScore& incident : score.incidents) {
    if (!in_place_and_time(*page.first, *incident.played)) continue;
    about_an_incident = true;
    if (page.has_kind(incident.played->incident.detector)) return count_page(incident, page);
  }
  (about_an_incident ? score.further_pages : score.false_pages).push_back(page.first->summary);
}

}  // namespace

core::Result<AlertFacts> read_alert(std::string_view webhook_body) {
  const auto body = nlohmann::json::parse(webhook_body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object() || !body.contains("data") || !body["data"].is_object()) {
    return core::fail(core::ErrorCode::bad_data, "reading a webhook post: it is not an alert event with \"data\"");
  }
  const nlohmann::json& data = body["data"];
  AlertFacts facts;
  facts.incident_id = text_of(data, "incident_id");
  if (data.contains("version") && data["version"].is_number_integer()) facts.version = data["version"];
  facts.status = text_of(data, "status");
  facts.severity = text_of(data, "severity");
  facts.detector = text_of(data, "detector");
  facts.summary = text_of(data, "summary");
  if (data.contains("labels") && data["labels"].is_object()) facts.app = text_of(data["labels"], "app");
  if (data.contains("also") && data["also"].is_array()) {
    for (const auto& item : data["also"]) {
      if (item.is_object()) facts.also.push_back(text_of(item, "detector"));
    }
  }
  if (data.contains("usd") && data["usd"].is_object() && data["usd"].contains("per_hour") &&
      data["usd"]["per_hour"].is_number()) {
    facts.usd_per_hour = data["usd"]["per_hour"].get<double>();
  }
  const auto earliest = core::parse_rfc3339(text_of(data, "onset_earliest"));
  const auto latest = core::parse_rfc3339(text_of(data, "onset_latest"));
  const auto detected = core::parse_rfc3339(text_of(data, "detected_at"));
  if (facts.incident_id.empty() || !earliest || !latest || !detected) {
    return core::fail(core::ErrorCode::bad_data,
                      "reading a webhook post: incident_id, onset_earliest, onset_latest or detected_at is missing");
  }
  facts.onset_earliest = *earliest;
  facts.onset_latest = *latest;
  facts.detected_at = *detected;
  return facts;
}

Score score(std::span<const PlayedIncident> incidents, const std::vector<AlertFacts>& alerts) {
  Score result;
  for (const PlayedIncident& played : incidents) {
    IncidentScore incident;
    incident.played = &played;
    incident.true_usd_per_hour = core::to_usd(played.extra) / core::to_hours(played.to - played.from);
    result.incidents.push_back(incident);
  }
  for (const auto& [id, page] : pages_of(alerts)) {
    if (page.first) {
      judge(result, page);
    } else {
      ++result.tickets;
    }
  }
  return result;
}

std::int64_t Score::alerted() const {
  return std::count_if(incidents.begin(), incidents.end(), [](const IncidentScore& i) { return i.alerted; });
}

bool Score::passed() const {
  return alerted() == static_cast<std::int64_t>(incidents.size()) && false_pages.empty() && further_pages.empty();
}

}  // namespace costdrift::daemon::demo
