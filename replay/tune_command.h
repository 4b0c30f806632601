// `costdrift tune`: measures on recorded events what a configuration catches, and proposes a better one.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "replay/label.h"
#include "replay/runner.h"
#include "replay/tuner.h"

namespace costdrift::replay {

struct TuneOptions {
  ReplayOptions replay;             // config, events, columns, format, topic, from, to, actions, labels, json, markdown
  std::vector<std::string> drifts;  // "prompt=10%"; empty: the usual ones
  int apps = 8, trials = 4;
  std::string lasts = "24h";
  TuneCosts costs;
  std::uint64_t seed = 1;
  bool power_only = false;  // measure the configuration, try no other
};

struct TuneResult {
  core::EventTime begin, end;
  std::vector<Trial> trials;  // of the configuration as it is
  std::vector<PowerRow> power;
  std::vector<PlannedDrift> not_tried;      // asked for, but they change no calls, or make none dearer
  std::vector<CandidateResult> candidates;  // the first is the configuration as it is
  Choice choice;
};
// Prints nothing but progress through `on_progress` (replays done, of how many). Errors as replay_all() and
// plan_injections(). The same log, options and seed give the same result.
core::Result<TuneResult> tune(const config::Settings& settings, const std::vector<IncidentLabel>& labels,
                              const TuneOptions& options, const std::function<void(int done, int of)>& on_progress);

std::string to_markdown(const TuneResult& result, const TuneCosts& costs);
std::string to_json(const TuneResult& result);

// Prints; returns the exit status.
int tune_command(const TuneOptions& options);

}  // namespace costdrift::replay
