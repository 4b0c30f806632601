// The demo's script: which incidents are played into the working day, as text that a person can read and edit
// (incidents.yaml, of which the program carries a copy).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace costdrift::daemon::demo {

// What an incident changes in its application; what is absent stays as it is.
struct Change {
  struct Tail {
    double share = 0;   // of the calls ...
    double factor = 1;  // ... that use this many times the tokens
  };
  struct EndlessRun {
    core::Duration every;              // one call per this
    std::int64_t tokens_per_step = 0;  // that each call adds to the next one's input
  };
  std::optional<std::int64_t> added_input_tokens = std::nullopt;
  std::optional<double> retry_share = std::nullopt;
  std::optional<double> cache_hit_share = std::nullopt;
  std::optional<double> mean_steps = std::nullopt;
  std::optional<Tail> tail = std::nullopt;
  std::optional<EndlessRun> endless_run = std::nullopt;
  std::string prompt_version = {};  // empty: unchanged
};

struct Incident {
  std::string title;  // for people
  std::string app, model;
  std::string detector;  // the kind of alert that it must cause
  core::Duration at;     // after midnight (UTC) of the working day
  core::Duration lasts;
  Change change;
};

// Error (config): the text is not such a script; the message names the incident and the key.
core::Result<std::vector<Incident>> parse_incident_script(std::string_view text);

// The copy of incidents.yaml inside the program.
std::string_view shipped_incident_script();

}  // namespace costdrift::daemon::demo
