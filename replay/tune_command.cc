#include "replay/tune_command.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "daemon/commands.h"
#include "replay/judged_run.h"

namespace costdrift::replay {
namespace {

core::Result<void> check_options(const ReplayOptions& options) {
  for (const auto& path : options.events) {
    if (path != "-") continue;
    return core::fail(core::ErrorCode::usage,
                      "tuning: standard input can be read once, tuning reads the events several times; name a file");
  }
  if (reports_to_output(options) > 1) {
    return core::fail(core::ErrorCode::usage,
                      "tuning: one of --json, --markdown, --report at most can be -, standard output");
  }
  return {};
}

void show_progress(int done, int of) {
  if (isatty(STDERR_FILENO) == 0) return;
  std::cerr << "\r\x1b[K" << done << " of " << of << " replays" << std::flush;
  if (done >= of) std::cerr << "\r\x1b[K";
}

std::string page_of(const TuneResult& result, const std::string& config) {
  nlohmann::ordered_json data;
  data["tuning"] = nlohmann::ordered_json::parse(to_json(result));
  data["tuning"]["config"] = config;
  return page_with(data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

core::Result<void> run(const TuneOptions& options) {
  if (auto checked = check_options(options.replay); !checked) return checked;
  auto settings = replay_settings(options.replay.config, options.replay);
  if (!settings) return settings.error();
  std::vector<IncidentLabel> labels;
  if (!options.replay.labels.empty()) {
    auto read = read_labels(options.replay.labels);
    if (!read) return read.error();
    labels = *std::move(read);
  }
  const auto result = tune(*settings, labels, options, show_progress);
  if (!result) return result.error();
  if (auto written = write_text(options.replay.json, to_json(*result)); !written) return written;
  if (auto written = write_text(options.replay.report, page_of(*result, options.replay.config)); !written)
    return written;
  const bool unsaid = options.replay.markdown.empty() && reports_to_output(options.replay) == 0;
  return write_text(unsaid ? "-" : options.replay.markdown, to_markdown(*result, options.costs));
}

}  // namespace

int tune_command(const TuneOptions& options) {
  const auto done = run(options);
  return done ? 0 : daemon::report(done.error());
}

}  // namespace costdrift::replay
