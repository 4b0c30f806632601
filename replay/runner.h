// replay(): recorded events through the very pipeline that runs live; only source, clock and sinks differ.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings.h"
#include "core/alert_event.h"
#include "core/result.h"
#include "daemon/pipeline_listener.h"
#include "replay/event_files.h"
#include "replay/shared_log.h"
#include "state/store.h"
#include "state/tables.h"

namespace costdrift::replay {

struct ReplayOptions {
  std::string config;
  std::vector<std::string> events;   // files and directories; or, instead,
  bool kafka = false;                // the configured topics
  std::string format;                // empty: the topic's; "csv": of files
  std::vector<std::string> columns;  // of CSV files: FIELD=COLUMN
  std::string topic;                 // empty: the first configured
  std::string alerts;                // empty: a table of incidents on standard output
  std::string bad_lines;             // file for what could not be used; empty: none
  std::string from, to;
  std::string state;          // empty: in memory
  std::string actions;        // what people said: a state directory or JSON lines; empty: nothing
  std::string labels;         // known incidents: score against them; empty: none
  bool review = false;        // ask about every incident, add the answers to `labels`
  std::string compare;        // configuration B: judge the same log by it too
  std::string report;         // HTML
  std::string markdown;       // the report as Markdown; "-": standard output
  std::string json;           // the report as JSON; "-": standard output
  int lines_per_poll = 1024;  // changes nothing in the result
  int decode_threads = 0;     // nor does this; 0: one less than the machine has cores, at least one
};

struct ReplayResult {
  state::Accounting accounting;
  std::int64_t records = 0;
  core::EventTime watermark;
};

// Who hears of what; every member may be empty.
struct ReplayHooks {
  // The state, before anything is replayed; an error ends the replay. Empty: a report and the bad lines that were begun
  // there end.
  std::function<core::Result<void>(state::Store&)> on_state;
  // The state, with everything in it; an error is the replay's.
  std::function<core::Result<void>(const state::Store&)> on_done;
  std::function<void(const core::AlertEvent&)> on_alert;
  // After the last event: what is still open, with the numbers of its newest estimate; before on_done.
  std::function<void(const core::AlertEvent&)> on_still_open;
  // What an earlier replay into the same state directory told, as JSON, before anything else.
  std::function<void(std::string_view json)> on_earlier_alert;
  std::function<void(std::int64_t records, double fraction)> on_progress;
  daemon::PipelineListener* listener = nullptr;
};

// A configuration as the options want it read: `format` instead of the topics' own. Error (config).
core::Result<config::Settings> replay_settings(const std::string& config, const ReplayOptions& options);

// The files of the options: directories expanded, columns understood. Errors: usage, bad_data, io.
core::Result<EventFiles> event_files(const ReplayOptions& options);

// One of several configurations that judge the same reading of a log.
struct ReplayJob {
  const config::Settings* settings = nullptr;  // outlives the replay
  ReplayHooks hooks;  // of the first job, on_progress; called on other threads than the caller's
  RecordEdit edit;    // what this job sees of the log; empty: all of it, as it is
  std::string state;  // where it keeps its state; empty: in memory
};

// Replays the same log for several jobs at once, each as if alone, `threads` of them at a time; each has a state of its
// own, options.state does not count. The formats of the topics are those of the first. Prints nothing. jobs must not be
// empty.
core::Result<std::vector<ReplayResult>> replay_all(const std::vector<ReplayJob>& jobs, const ReplayOptions& options,
                                                   int threads);

// Replays; prints nothing. `settings` decides everything but the source and the state directory.
core::Result<ReplayResult> replay(const config::Settings& settings, const ReplayOptions& options,
                                  const ReplayHooks& hooks);

}  // namespace costdrift::replay
