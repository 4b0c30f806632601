// Tuner: settings that lose the fewest dollars on a history: those of drifts that are told late or never, and those of
// pages that wake people.
//
// Loss  a week = drifts_per_week * (mean dollars that a drift burns until the page, or to its end when it is missed)
//                + page_cost * (pages a week of the history as it is; with labels only false and duplicate ones).
//       Every candidate is judged by the same injected drifts.
// Weeks cross-validation: for each week, the candidate with the least loss over the other weeks is charged with its
//       loss in that week. The mean is what the choice is worth on weeks that it has not seen; far above the loss that
//       it had on all of them means that the history is too short to choose by.
// Threads  pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "replay/power.h"
#include "replay/scorecard.h"

namespace costdrift::replay {

struct Candidate {
  std::string change;  // what differs from the configuration: "pages.min_effect: 5%"; empty: nothing
  config::Settings settings;
};
// The configuration itself, and what differs from it in one setting: page budget, gates, grouping, and each of
// `told_by`, the detectors that told something, switched off. Without those that the configuration would refuse.
std::vector<Candidate> candidates_of(const config::Settings& settings, const std::vector<std::string>& told_by);
// The best of each kind of change put together; nullopt: the configuration itself is best everywhere.
std::optional<Candidate> combined(const config::Settings& settings, const std::vector<Candidate>& candidates,
                                  const std::vector<double>& losses);

struct TuneCosts {
  double page = 50;  // dollars
  double drifts_per_week = 1;
};

struct CandidateResult {
  std::string change;
  double pages_per_week = 0;
  double false_pages_per_week = 0;  // without labels: all pages
  double caught = 0;                // share of the trials
  double usd_a_drift = 0;           // mean burned
  double loss = 0;                  // dollars a week
  std::vector<double> weekly_loss;  // by week of the history; a week without trials uses the mean of all
  bool on_the_curve = false;        // no other has fewer pages and fewer dollars
};

// `begin` to `end`: the history. `alarms`: times of the pages that cost.
CandidateResult result_of(const std::string& change, const std::vector<Trial>& trials, const Scorecard& card,
                          const std::vector<core::EventTime>& alarms, const TuneCosts& costs, core::EventTime begin,
                          core::EventTime end);

struct Choice {
  std::size_t best = 0;                   // among the results
  std::optional<double> held_out_loss;    // nullopt: fewer than two weeks
  std::optional<double> current_loss;     // of the first candidate over the same weeks
  std::vector<std::size_t> best_without;  // by week: the choice when it was held out
};
// Marks the curve. The first result is the configuration as it is; it wins ties. results must not be empty.
Choice choose(std::vector<CandidateResult>& results);

}  // namespace costdrift::replay
