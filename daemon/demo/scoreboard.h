// Scoreboard: what the demo injected against what it was alerted of, from the bytes that the webhook really received.
//
// An incident is alerted when a page (severity warning or critical) is about its application, has its detector kind
// (its own or among `also`), and an onset interval that overlaps the incident. A page about the application and time
// of an incident but of another kind is a further page; every other page is a false page. Tickets (info) are no pages.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "daemon/demo/app_traffic.h"

namespace costdrift::daemon::demo {

// What the scoreboard needs of one alert event v1 (docs/ALERTS.md).
struct AlertFacts {
  std::string incident_id;
  std::int64_t version = 0;
  std::string status, severity, detector;
  std::vector<std::string> also;  // detector kinds folded into the incident
  std::string app;                // empty: a roll-up
  core::EventTime onset_earliest, onset_latest, detected_at;
  std::optional<double> usd_per_hour;
  std::string summary;

  bool is_page() const { return severity != "info"; }
};

// From the body of a webhook post, {"type":...,"data":{alert event}}. Error (bad_data): not such a body.
core::Result<AlertFacts> read_alert(std::string_view webhook_body);

struct IncidentScore {
  const PlayedIncident* played = nullptr;
  bool alerted = false;
  std::string severity;
  core::Duration delay;                       // of event time, from the incident's start to the first page
  std::optional<double> stated_usd_per_hour;  // the last that was said while it fired
  double true_usd_per_hour = 0;
};

struct Score {
  std::vector<IncidentScore> incidents;  // in the order of the script
  std::vector<std::string> false_pages;  // their summaries
  std::vector<std::string> further_pages;
  std::int64_t tickets = 0;

  std::int64_t alerted() const;
  // Every incident was alerted and nothing else was paged.
  bool passed() const;
};

// `alerts` in any order, several versions of one incident allowed. The result borrows `incidents`.
Score score(std::span<const PlayedIncident> incidents, const std::vector<AlertFacts>& alerts);

// For the terminal: a table, the pages that were one too many, and the closing line
// "6 of 6 incidents alerted, 0 false pages, slowest 4.2 min of event time, ...".
std::string to_text(const Score& score);

}  // namespace costdrift::daemon::demo
