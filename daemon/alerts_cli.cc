#include "daemon/alerts_cli.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "daemon/alerts_command.h"

namespace costdrift::daemon {
namespace {

void add_address(CLI::App* command, DaemonAddress& address) {
  command->add_option("--url", address.url, "Where the daemon listens (default: COSTDRIFT_URL, http://127.0.0.1:8321)");
  command->add_option("--config,-c", address.config, "Take address and token file from this configuration");
  command->add_option("--token-file", address.token_file, "File with the token (default: COSTDRIFT_TOKEN_FILE)");
}

struct Verb {
  ActionKind kind;
  const char* name;
  const char* summary;
};

CLI::App* add_action(CLI::App& parent, const Verb& verb, int& status) {
  auto options = std::make_shared<ActionOptions>();
  CLI::App* command = parent.add_subcommand(verb.name, verb.summary);
  add_address(command, options->daemon);
  command->add_option("--by", options->by, "Who says so (default: the user who runs this)");
  command->add_option("--note", options->note, "Why, for the others");
  if (verb.kind == ActionKind::snooze || verb.kind == ActionKind::silence) {
    command->add_option("--for", options->lasts, "How long, in event time: 30m, 2h, 3d")->required();
  }
  if (verb.kind == ActionKind::silence) {
    command->add_option("--match", options->match, "Label that the alerts have, app=desk; several must all hold")
        ->required();
  } else if (verb.kind == ActionKind::unsilence) {
    command->add_option("silence", options->silence, "Id of the silence")->required();
  } else {
    command->add_option("incident", options->incident, "Id of the incident, or its first 8 digits or more")->required();
  }
  command->callback([&status, options, kind = verb.kind] { status = action_command(kind, *options); });
  return command;
}

void add_alerts(CLI::App& app, int& status) {
  CLI::App* alerts =
      app.add_subcommand("alerts", "Look at incidents of a running daemon and answer them")->require_subcommand(1);
  auto list = std::make_shared<AlertsListOptions>();
  CLI::App* command = alerts->add_subcommand("list", "Open incidents, newest first");
  add_address(command, list->daemon);
  command->add_flag("--all", list->all, "Also those that have ended");
  command->callback([&status, list] { status = alerts_list_command(*list); });

  auto show = std::make_shared<AlertsShowOptions>();
  command = alerts->add_subcommand("show", "Everything about one incident, as JSON");
  add_address(command, show->daemon);
  command->add_option("incident", show->incident, "Id of the incident, or its first digits")->required();
  command->callback([&status, show] { status = alerts_show_command(*show); });

  for (const Verb& verb :
       {Verb{ActionKind::ack, "ack", "You are on it: nothing more is sent unless it gets worse"},
        Verb{ActionKind::snooze, "snooze", "Nothing is sent for a time"},
        Verb{ActionKind::expected, "expected", "It was meant: ends the incident, learns the present as normal"},
        Verb{ActionKind::resolve, "resolve", "Ends the incident; the baseline stays"}}) {
    add_action(*alerts, verb, status);
  }
}

}  // namespace

void add_alert_commands(CLI::App& app, int& status) {
  add_alerts(app, status);
  CLI::App* silence =
      app.add_subcommand("silence", "Keep alerts with certain labels quiet for a time")->require_subcommand(1);
  add_action(*silence, {ActionKind::silence, "add", "Tell nobody of alerts that match"}, status);
  add_action(*silence, {ActionKind::unsilence, "remove", "End a silence now"}, status);
  auto address = std::make_shared<DaemonAddress>();
  CLI::App* list = silence->add_subcommand("list", "Silences that hold");
  add_address(list, *address);
  list->callback([&status, address] { status = silence_list_command(*address); });
}

}  // namespace costdrift::daemon
