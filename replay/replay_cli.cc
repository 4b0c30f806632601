#include "replay/replay_cli.h"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>

#include "replay/convert.h"
#include "replay/label_import.h"
#include "replay/replay_command.h"
#include "replay/tune_command.h"

namespace costdrift::replay {
namespace {

CLI::App* add(CLI::App& app, const char* name, const char* summary, int& status, std::function<int()> action) {
  CLI::App* command = app.add_subcommand(name, summary);
  command->callback([&status, action = std::move(action)] { status = action(); });
  return command;
}

void add_config(CLI::App* command, std::string& path) {
  command->add_option("--config,-c", path, "Configuration file (YAML)")->required();
}

void add_replay(CLI::App& app, int& status) {
  const auto held = std::make_shared<ReplayOptions>();
  ReplayOptions& options = *held;
  CLI::App* command = add(app, "replay", "Run recorded events through the very same pipeline", status,
                          [held] { return replay_command(*held); });
  add_config(command, options.config);
  command->add_option(
      "--events", options.events,
      "JSONL or CSV files, .gz and .zst too, directories of such, - for standard input; one file is one "
      "partition");
  command->add_flag("--kafka", options.kafka, "Read the configured topics instead; joins no group, commits nothing");
  command->add_option("--actions", options.actions,
                      "What people said about incidents: a state directory, or JSON lines (daemon/answers/action.h)");
  command->add_option("--format", options.format,
                      "Format of the events, as kafka.topics[].format; csv: rows, whatever the file's name");
  command->add_option("--columns", options.columns, "CSV: FIELD=COLUMN for columns with names of their own");
  command->add_option("--bad-lines", options.bad_lines,
                      "Write what cannot be used here, with file and line, one JSON object a line");
  command->add_option("--topic", options.topic, "Topic that the files stand for (default: the first configured)");
  command->add_option("--alerts", options.alerts,
                      "Write alert events here, one JSON object a line (- : standard output)");
  command->add_option("--from", options.from, "Ignore events before this time (RFC 3339)");
  command->add_option("--to", options.to, "Ignore events from this time on (RFC 3339)");
  command
      ->add_option("--threads", options.decode_threads,
                   "Decoding threads (default: one less than there are cores); they change nothing in the result")
      ->check(CLI::Range(1, 64));
  command->add_option("--state", options.state,
                      "Keep the state in this directory, and go on where an earlier replay into it was interrupted "
                      "(default: in memory)");
  command->add_option("--labels", options.labels, "Known incidents (JSON lines, JSON or YAML): score against them");
  command->add_flag("--review", options.review, "Ask about every incident; the answers are added to --labels");
  command->add_option("--compare", options.compare, "Another configuration: say what it would have told otherwise");
  command->add_option("--report", options.report, "Write a report as one HTML file");
  command->add_option("--markdown", options.markdown, "Write the report as Markdown (- : standard output)");
  command->add_option("--json", options.json, "Write the report as JSON (- : standard output)");
}

void add_labels(CLI::App& app, int& status) {
  CLI::App* labels = app.add_subcommand("labels", "Known incidents for replay --labels")->require_subcommand(1);
  const auto path = std::make_shared<std::string>();
  CLI::App* command = add(*labels, "import", "Make labels from an export of PagerDuty or Alertmanager (JSON)", status,
                          [path] { return import_labels_command(*path); });
  command->add_option("file", *path, "JSON file, - for standard input")->required();
}

void add_tune(CLI::App& app, int& status) {
  const auto held = std::make_shared<TuneOptions>();
  TuneOptions& options = *held;
  CLI::App* command = add(app, "tune", "Measure on recorded events what a configuration catches, propose a better one",
                          status, [held] { return tune_command(*held); });
  add_config(command, options.replay.config);
  command->add_option("--events", options.replay.events, "As for replay; read several times, so not standard input")
      ->required();
  command->add_option("--format", options.replay.format, "As for replay");
  command->add_option("--columns", options.replay.columns, "As for replay");
  command->add_option("--from", options.replay.from, "Ignore events before this time (RFC 3339)");
  command->add_option("--to", options.replay.to, "Ignore events from this time on (RFC 3339)");
  command->add_option("--labels", options.replay.labels, "Known incidents: pages for them are not false");
  command->add_option("--drifts", options.drifts,
                      "Drifts to put into the history, NAME=SIZE: prompt, retries, cache_loss, loops, price, mix");
  command->add_option("--apps", options.apps, "In how many applications, those that spend most first (default 8)")
      ->check(CLI::Range(1, 1000));
  command->add_option("--trials", options.trials, "Times that each drift is put into each application (default 4)")
      ->check(CLI::Range(1, 1000));
  command->add_option("--lasts", options.lasts, "How long a drift lasts (default 24h)");
  command->add_option("--page-cost", options.costs.page, "What waking somebody costs, dollars (default 50)");
  command->add_option("--drifts-per-week", options.costs.drifts_per_week, "Drifts that are to be expected (default 1)");
  command->add_option("--seed", options.seed, "Of times and calls (default 1)");
  command->add_flag("--power-only", options.power_only, "Measure the configuration, try no other");
  command->add_option("--markdown", options.replay.markdown, "Write the result there instead of standard output");
  command->add_option("--json", options.replay.json, "Write the result as JSON (- : standard output)");
  command->add_option("--report", options.replay.report, "Write the result as one HTML file");
}

void add_convert(CLI::App& app, int& status) {
  const auto held = std::make_shared<ConvertOptions>();
  ConvertOptions& convert = *held;
  CLI::App* command = add(app, "convert", "Turn a public trace into canonical events", status,
                          [held] { return convert_command(*held); });
  command->add_option("trace", convert.trace, "claude-code or azure-llm")->required();
  command->add_option("input", convert.input, "CSV file, .zst or .gz too, - for standard input")->required();
  command->add_option("--days", convert.days, "claude-code: days to fill")->check(CLI::Range(1, 3650));
  command->add_option("--sessions-per-day", convert.sessions_per_day, "claude-code")->check(CLI::Range(1, 100000));
  command->add_option("--apps", convert.apps, "claude-code: applications to deal sessions to")
      ->check(CLI::Range(1, 10000));
  command->add_option("--seed", convert.seed, "claude-code");
}

}  // namespace

void add_replay_commands(CLI::App& app, int& status) {
  add_replay(app, status);
  add_labels(app, status);
  add_tune(app, status);
  add_convert(app, status);
}

}  // namespace costdrift::replay
