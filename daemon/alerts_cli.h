// The command line of `costdrift alerts` and `costdrift silence`.
#pragma once

namespace CLI {
class App;
}

namespace costdrift::daemon {

// Adds both; `status` receives the exit status of the one that runs.
void add_alert_commands(CLI::App& app, int& status);

}  // namespace costdrift::daemon
