// Comparison: what configuration B tells otherwise than A on the same log.
//
// Incidents are the same when they have the same id, or tell of the same series and their onsets lie within an hour;
// each has one partner at most. Earlier and later are by the first page (of tickets: the first version) and count from
// a minute on. Worse: A does not page and B does; milder: the other way round.
// Threads  pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "replay/scorecard.h"
#include "replay/told_incident.h"

namespace costdrift::replay {

enum class Change : std::uint8_t { only_a, only_b, same, earlier, later, worse, milder };
// "only in A", "only in B", "the same", "earlier in B", "later in B", "a page in B only", "a page in A only".
std::string_view change_name(Change change);

struct ComparedIncident {
  Change change = Change::same;
  std::optional<std::size_t> a, b;  // places among the incidents of A and B
  core::Duration shift;             // B's time less A's, where both told
};

struct Comparison {
  std::vector<ComparedIncident> incidents;  // by time
  std::int64_t pages_a = 0, pages_b = 0;
  // Of pages: what incidents that only one of the two pages for had lost in all, and how much more had been lost in B
  // than in A when both had paged. Where dollars are known.
  double usd_only_a = 0, usd_only_b = 0, usd_later = 0;
  // One line that says which is better at what.
  std::string verdict;
};

struct ReplayOutcome {
  std::string config;  // path
  std::vector<ToldIncident> incidents;
  Scorecard card;
};
Comparison compare(const ReplayOutcome& a, const ReplayOutcome& b);

}  // namespace costdrift::replay
