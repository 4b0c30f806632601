// The command line of `costdrift alerts`, `costdrift silence` and `costdrift changes`.
#pragma once

namespace CLI {
class App;
}

namespace costdrift::daemon {

// Adds them; `status` receives the exit status of the one that runs.
void add_alert_commands(CLI::App& app, int& status);

}  // namespace costdrift::daemon
