// AlertEvent v1: the one object that people and programs see of an incident (webhook `data`, replay --alerts, API,
// page). docs/ALERTS.md describes the JSON; core/alert_event_json.h writes it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/finding.h"

namespace costdrift::core {

enum class AlertStatus : std::uint8_t { firing = 0, updated = 1, resolved = 2, retracted = 3 };
enum class Severity : std::uint8_t { info = 0, warning = 1, critical = 2 };

std::string_view status_name(AlertStatus status);
std::string_view severity_name(Severity severity);

// One detector's part in an incident that several detectors see.
struct Contribution {
  std::string detector;
  EventTime onset;
  std::string quantity;
  std::string unit;
  double expected = 0, observed = 0, effect = 0;
  std::optional<double> excess_usd_per_hour;  // nullopt: dollars unknown, or not about dollars
};

// What people declare that changes costs.
enum class ChangeKind : std::uint8_t { deploy = 0, price = 1 };
std::string_view change_kind_name(ChangeKind kind);

// A change that somebody declared ("app desk was deployed") and that lies near enough to an onset to have caused it.
struct DeclaredChange {
  std::string id;  // 8 hex digits
  ChangeKind kind = ChangeKind::deploy;
  EventTime at;          // when it took effect
  std::string note, by;  // may be empty
  bool operator==(const DeclaredChange&) const = default;
};

// The incident of another series.
struct IncidentRef {
  std::string id;  // 32 hex digits
  SeriesKey series;
  bool operator==(const IncidentRef&) const = default;
};

// The open incidents of other series that one page tells of, so that they wake nobody by themselves.
struct Elsewhere {
  struct Other {
    IncidentRef incident;
    double effect = 0;
    std::optional<double> usd_per_hour;  // nullopt: dollars unknown, or not about dollars
    bool inside = false;                 // its calls, and so its dollars, are among those of the page's series
  };
  std::int64_t incidents = 0;
  std::int64_t inside = 0;     // how many of them are
  double usd_per_hour = 0;     // of those that are not
  std::vector<Other> largest;  // at most ten: those inside first, then by dollars
};

struct AlertEvent {
  std::string incident_id;  // 32 hex digits
  std::int64_t version = 1;
  AlertStatus status = AlertStatus::firing;
  std::string reason;  // why this version exists, e.g. "severity rose"
  std::string detector;
  Severity severity = Severity::warning;
  SeriesKey series;
  std::vector<Label> labels;  // series labels, then team, env, ... of the calls since onset

  EventTime onset, onset_earliest, onset_latest;
  EventTime detected_at;  // of the first version
  EventTime updated_at;   // of this version: the event time of what it reports
  std::optional<EventTime> resolved_at;
  std::optional<EventTime> acknowledged_at, snoozed_until;
  std::string acknowledged_by;  // empty: nobody, or nobody said who

  std::string unit, quantity;
  double expected = 0, observed = 0, effect = 0, effect_low = 0, effect_high = 0, log10_evidence = 0;

  // Dollars; nullopt when no price is known. split adds up to per_hour.
  std::optional<double> usd_so_far, usd_per_hour, usd_per_month;
  double usd_split[kCostParts] = {};

  std::vector<Driver> drivers;
  std::optional<DeclaredChange> declared_change;  // nullopt: none was declared near the onset
  std::string owner_team, owner, cost_center;
  std::int64_t calls = 0;
  std::vector<Sample> samples;
  std::vector<Contribution> also;  // other detectors that see the same change

  std::optional<IncidentRef> told_by;  // the page that tells of this incident, which is a ticket for that reason
  Elsewhere elsewhere;

  std::string summary;  // the first line of every message
  std::string quiet_if;
  std::string incident_url, runbook_url;  // empty: not configured
  std::string replay_command;
};

}  // namespace costdrift::core
