// The program's entry and composition root: the command line, nothing else.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>

#include "daemon/answers/alerts_cli.h"
#include "daemon/commands.h"
#include "daemon/demo/demo_command.h"
#include "replay/replay_cli.h"

namespace {

using costdrift::core::ErrorCode;
namespace daemon_ = costdrift::daemon;

// Adds a subcommand; `action` runs when it was chosen.
CLI::App* add(CLI::App& app, const char* name, const char* summary, int& status, std::function<int()> action) {
  CLI::App* command = app.add_subcommand(name, summary);
  command->callback([&status, action = std::move(action)] { status = action(); });
  return command;
}

void add_config(CLI::App* command, std::string& path) {
  command->add_option("--config,-c,config", path, "Configuration file (YAML)")->required();
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
  command->add_flag("--with-deliveries", dump.with_deliveries,
                    "Also what each sink was told, and dead letters not sent yet");
}

void add_demo(CLI::App& app, int& status) {
  static daemon_::DemoOptions demo;
  CLI::App* command = add(app, "demo", "A working day with incidents on an embedded broker", status,
                          [] { return daemon_::demo_command(demo, COSTDRIFT_VERSION); });
  command->add_flag("--quick", demo.quick, "Less history");
  command->add_flag("--keep", demo.keep, "Keep the page up after the end, until interrupted");
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
  costdrift::replay::add_replay_commands(app, status);
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
