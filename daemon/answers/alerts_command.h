// `costdrift alerts`, `costdrift silence` and `costdrift changes`: what a person asks of, and says to, a running
// daemon, over its HTTP API.
//
// The daemon is found by --url, else by --config (http.listen, http.token_file), else by COSTDRIFT_URL, else at
// http://127.0.0.1:8321; the token by --token-file, else by the configuration, else by COSTDRIFT_TOKEN_FILE.
// Exit status: 0 done; 64 it cannot be done (no such incident); 69 the daemon does not answer; 75 not now.
#pragma once

#include <string>
#include <vector>

#include "daemon/answers/action.h"

namespace costdrift::daemon {

struct DaemonAddress {
  std::string url, config, token_file;
};

struct AlertsListOptions {
  DaemonAddress daemon;
  bool all = false;     // also those that have ended
  bool shadow = false;  // as if the shadow detectors were on
};
int alerts_list_command(const AlertsListOptions& options);

// What shadow detectors would change in that list.
int alerts_diff_command(const DaemonAddress& daemon);

struct AlertsShowOptions {
  DaemonAddress daemon;
  std::string incident;
};
// Prints the newest version as JSON.
int alerts_show_command(const AlertsShowOptions& options);

struct ActionOptions {
  DaemonAddress daemon;
  std::string incident, silence, lasts, by, note;
  std::vector<std::string> match;  // "app=desk"
  std::string change, kind, when, up_to;
  std::vector<std::string> expect;
};
// Every kind of action. `by` defaults to the name of the user who runs the command.
int action_command(ActionKind kind, const ActionOptions& options);

int silence_list_command(const DaemonAddress& daemon);
int changes_list_command(const DaemonAddress& daemon);

}  // namespace costdrift::daemon
