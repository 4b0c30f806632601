// Scorecard: what a replay told, held against what is known to have happened.
//
// A page is an incident that reached severity warning. A label that some page means (label.h), or an incident that such
// a page told of, is found, by the first of them; other pages are duplicates. A page of which neither is true is false.
// A label that only other tickets mean is missed, and the reason says so. Without labels nothing is found, missed or
// false.
// Dollars  what an incident had lost when it was paged (`before`), and from then to its end (`after`: what could be
//          caught). Unknown where no price is known.
// Threads  pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "replay/label.h"
#include "replay/miss_watch.h"
#include "replay/told_incident.h"

namespace costdrift::replay {

enum class Verdict : std::uint8_t {
  hit,        // the first page of a label
  duplicate,  // another one
  false_page,
  along,     // a ticket, because the page for another incident told of it
  ticket,    // below the gates of a page: nobody was woken
  muted,     // silenced or snoozed: nobody was told
  unjudged,  // a page, and there are no labels
};
// "hit", "duplicate", "false", "along", "ticket", "muted", "unjudged".
std::string_view verdict_name(Verdict verdict);

struct LabelScore {
  std::optional<std::size_t> incident;  // the page, or the ticket told along with one, that found it; none: missed
  core::Duration delay;                 // from the label's beginning, at least 0
  std::optional<double> usd_before, usd_after;
  double usd_spent = 0;  // of all calls that the label may mean, drift or not
  std::string reason;    // missed: why
};

struct IncidentScore {
  Verdict verdict = Verdict::unjudged;
  std::optional<std::size_t> label;
  std::string route;  // the sinks that are told: "oncall, finops"; "nobody"
};

struct Scorecard {
  std::vector<LabelScore> labels;        // by label; of one that is not real (`real`: false) only the place
  std::vector<IncidentScore> incidents;  // by incident
  std::int64_t real_labels = 0, found = 0, missed = 0, false_pages = 0, duplicates = 0, pages = 0, tickets = 0;
  std::optional<core::Duration> median_delay;
  double usd_before = 0, usd_after = 0;  // of what was found, where known
  double weeks = 0;
  std::map<std::string, std::int64_t> pages_by_route;
  std::array<std::int64_t, 24> pages_by_hour{};  // UTC
  double pages_per_week() const { return weeks > 0 ? static_cast<double>(pages) / weeks : 0; }
};

// `begin` to `end` is the time that was judged.
Scorecard score(const std::vector<IncidentLabel>& labels, const std::vector<ToldIncident>& incidents,
                const MissWatch& misses, const config::Settings& settings, core::EventTime begin, core::EventTime end);

}  // namespace costdrift::replay
