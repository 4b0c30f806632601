// `costdrift replay`: recorded events through the very pipeline that runs live; only source, clock and sinks differ.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/alert_event.h"
#include "core/result.h"
#include "state/tables.h"

namespace costdrift::replay {

struct ReplayOptions {
  std::string config;
  std::vector<std::string> events;  // files; or, instead,
  bool kafka = false;               // the configured topics
  std::string format;               // empty: the topic's
  std::string topic;                // empty: the first configured
  std::string alerts;               // empty: a table of incidents on standard output
  std::string from, to;
  std::string state;          // empty: in memory
  std::string actions;        // what people said: a state directory or JSON lines; empty: nothing
  int lines_per_poll = 1024;  // changes nothing in the result
  int decode_threads = 0;     // nor does this; 0: one less than the machine has cores, at least one
};

struct ReplayResult {
  state::Accounting accounting;
  std::int64_t records = 0;
  core::EventTime watermark;
};

// Replays into `on_alert`; prints nothing. `settings` decides everything but the source and the state directory.
core::Result<ReplayResult> replay(const config::Settings& settings, const ReplayOptions& options,
                                  const std::function<void(const core::AlertEvent&)>& on_alert,
                                  const std::function<void(std::int64_t lines, double progress)>& on_progress);

int replay_command(const ReplayOptions& options);

}  // namespace costdrift::replay
