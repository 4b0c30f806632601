// The program's entry and composition root: the command line, nothing else.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "daemon/alerts_cli.h"
#include "daemon/commands.h"
#include "daemon/demo/demo_command.h"
#include "replay/convert.h"
#include "replay/replay_command.h"

namespace {

using costdrift::core::ErrorCode;
namespace daemon_ = costdrift::daemon;
namespace replay_ = costdrift::replay;

// Adds a subcommand; `action` runs when it was chosen.
CLI::App* add(CLI::App& app, const char* name, const char* summary, int& status, std::function<int()> action) {
  CLI::App* command = app.add_subcommand(name, summary);
  command->callback([&status, action = std::move(action)] { status = action(); });
  return command;
}

void add_config(CLI::App* command, std::string& path) {
  command->add_option("--config,-c", path, "Configuration file (YAML)")->required();
}

void add_daemon_commands(CLI::App& app, int& status) {
  static daemon_::RunOptions run;
  add_config(add(app, "run", "Run the daemon", status, [] { return daemon_::run_command(run, COSTDRIFT_VERSION); }),
             run.config);

  static daemon_::CheckOptions check;
  CLI::App* command =
      add(app, "check", "Check a configuration, print what is in force", status, [] { return check_command(check); });
  add_config(command, check.config);
  command->add_flag("--print-effective", check.print_effective, "Print every value in force, secrets masked");

  static daemon_::SendTestOptions send_test;
  command = add(app, "send-test", "Send a test message through the configured sinks", status,
                [] { return send_test_command(send_test, COSTDRIFT_VERSION); });
  add_config(command, send_test.config);
  command->add_option("--sink", send_test.sink, "Only this sink");

  add(app, "reference", "Print the configuration reference", status, [] { return daemon_::reference_command(); });

  CLI::App* state = app.add_subcommand("state", "Look into a state directory")->require_subcommand(1);
  static daemon_::StateDumpOptions dump;
  command = add(*state, "dump", "Print the state as canonical text", status, [] { return state_dump_command(dump); });
  command->add_option("--path", dump.path, "State directory (may be in use)")->required();
  command->add_flag("--with-deliveries", dump.with_deliveries, "Also what each sink was told");
}

void add_demo(CLI::App& app, int& status) {
  static daemon_::DemoOptions demo;
  CLI::App* command = add(app, "demo", "A working day with incidents on an embedded broker", status,
                          [] { return daemon_::demo_command(demo, COSTDRIFT_VERSION); });
  command->add_flag("--quick", demo.quick, "Less history");
  command->add_flag("--keep", demo.keep, "Keep the page up after the end, until interrupted");
}

void add_replay(CLI::App& app, int& status) {
  static replay_::ReplayOptions replay;
  CLI::App* command = add(app, "replay", "Run recorded events through the very same pipeline", status,
                          [] { return replay_::replay_command(replay); });
  add_config(command, replay.config);
  command->add_option("--events", replay.events,
                      "JSONL files, .gz and .zst too, - for standard input; one file is one partition");
  command->add_flag("--kafka", replay.kafka, "Read the configured topics instead; joins no group, commits nothing");
  command->add_option("--actions", replay.actions,
                      "What people said about incidents: a state directory, or JSON lines (daemon/action.h)");
  command->add_option("--format", replay.format, "Format of the events, as kafka.topics[].format");
  command->add_option("--topic", replay.topic, "Topic that the files stand for (default: the first configured)");
  command->add_option("--alerts", replay.alerts,
                      "Write alert events here, one JSON object a line (- : standard output)");
  command->add_option("--from", replay.from, "Ignore events before this time (RFC 3339)");
  command->add_option("--to", replay.to, "Ignore events from this time on (RFC 3339)");
  command
      ->add_option("--threads", replay.decode_threads,
                   "Decoding threads (default: one less than there are cores); they change nothing in the result")
      ->check(CLI::Range(1, 64));
  command->add_option("--state", replay.state, "Keep the state in this new directory (default: in memory)");
}

void add_convert(CLI::App& app, int& status) {
  static replay_::ConvertOptions convert;
  CLI::App* command = add(app, "convert", "Turn a public trace into canonical events", status,
                          [] { return replay_::convert_command(convert); });
  command->add_option("trace", convert.trace, "claude-code or azure-llm")->required();
  command->add_option("input", convert.input, "CSV file, .zst or .gz too, - for standard input")->required();
  command->add_option("--days", convert.days, "claude-code: days to fill")->check(CLI::Range(1, 3650));
  command->add_option("--sessions-per-day", convert.sessions_per_day, "claude-code")->check(CLI::Range(1, 100000));
  command->add_option("--apps", convert.apps, "claude-code: applications to deal sessions to")
      ->check(CLI::Range(1, 10000));
  command->add_option("--seed", convert.seed, "claude-code");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("costdrift watches what calls to language models cost and pages when the cost of the same work drifts.",
               "costdrift");
  app.set_version_flag("--version", COSTDRIFT_VERSION);
  app.require_subcommand(1);
  int status = 0;
  add_daemon_commands(app, status);
  daemon_::add_alert_commands(app, status);
  add_demo(app, status);
  add_replay(app, status);
  add_convert(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ErrorCode::usage);
  }
  // A broker that hangs may have left a librdkafka handle on a detached thread: no destructor of the process may run
  // under its feet. Everything that matters is durable and flushed by now.
  std::cout.flush();
  std::fflush(nullptr);
  std::_Exit(status);
}
