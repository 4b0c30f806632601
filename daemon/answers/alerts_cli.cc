#include "daemon/answers/alerts_cli.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "daemon/answers/alerts_command.h"

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

void add_declaration(CLI::App* command, const std::shared_ptr<ActionOptions>& options) {
  command->add_option("--kind", options->kind, "deploy or price")->required();
  command
      ->add_option_function<std::string>(
          "--app", [options](const std::string& app) { options->match.push_back("app=" + app); },
          "The application, short for --match app=...")
      ->type_name("NAME");
  command->add_option("--match", options->match, "Label of what changes, model=gpt-4o; several must all hold");
  command->add_option("--when", options->when, "When it takes effect, RFC 3339 (default: now, in event time)");
  command->add_option("--expect", options->expect, "Detectors whose findings are meant: learned as normal, not paged");
  command->add_option("--up-to", options->up_to, "Expected only while the effect is at most this: 30%");
  command->add_option("--for", options->lasts, "How long after it a change is expected (default: 24h)");
}

CLI::App* add_action(CLI::App& parent, const Verb& verb, int& status) {
  auto options = std::make_shared<ActionOptions>();
  CLI::App* command = parent.add_subcommand(verb.name, verb.summary);
  add_address(command, options->daemon);
  command->add_option("--by", options->by, "Who says so (default: the user who runs this)");
  command->add_option("--note", options->note, "Why, for the others");
  command->callback([&status, options, kind = verb.kind] { status = action_command(kind, *options); });
  if (verb.kind == ActionKind::declare) {
    add_declaration(command, options);
    return command;
  }
  if (verb.kind == ActionKind::withdraw) {
    command->add_option("change", options->change, "Id of the declaration")->required();
    return command;
  }
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
  return command;
}

void add_alerts(CLI::App& app, int& status) {
  CLI::App* alerts =
      app.add_subcommand("alerts", "Look at incidents of a running daemon and answer them")->require_subcommand(1);
  auto list = std::make_shared<AlertsListOptions>();
  CLI::App* command = alerts->add_subcommand("list", "Open incidents, newest first");
  add_address(command, list->daemon);
  command->add_flag("--all", list->all, "Also those that have ended");
  command->add_flag("--shadow", list->shadow, "As they would be told if the shadow detectors were on");
  command->callback([&status, list] { status = alerts_list_command(*list); });

  auto diff = std::make_shared<DaemonAddress>();
  command = alerts->add_subcommand("diff", "What the shadow detectors would change in what people are told");
  add_address(command, *diff);
  command->callback([&status, diff] { status = alerts_diff_command(*diff); });

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

void add_list(CLI::App& parent, const char* summary, int (*command)(const DaemonAddress&), int& status) {
  auto address = std::make_shared<DaemonAddress>();
  CLI::App* list = parent.add_subcommand("list", summary);
  add_address(list, *address);
  list->callback([&status, address, command] { status = command(*address); });
}

}  // namespace

void add_alert_commands(CLI::App& app, int& status) {
  add_alerts(app, status);
  CLI::App* silence =
      app.add_subcommand("silence", "Keep alerts with certain labels quiet for a time")->require_subcommand(1);
  add_action(*silence, {ActionKind::silence, "add", "Tell nobody of alerts that match"}, status);
  add_action(*silence, {ActionKind::unsilence, "remove", "End a silence now"}, status);
  add_list(*silence, "Silences that hold", silence_list_command, status);
  CLI::App* changes = app.add_subcommand("changes", "Declare deploys and price changes, so that alerts name them")
                          ->require_subcommand(1);
  add_action(*changes, {ActionKind::declare, "declare", "Something changes, or has changed"}, status);
  add_action(*changes, {ActionKind::withdraw, "withdraw", "It did not: forget a declaration"}, status);
  add_list(*changes, "Declared changes of the last three weeks and of those to come", changes_list_command, status);
}

}  // namespace costdrift::daemon
