// The command line of replay and of the tools around it.
#pragma once

namespace CLI {
class App;
}

namespace costdrift::replay {

// Adds the subcommands; the one that is chosen sets `status`, which outlives the parse.
void add_replay_commands(CLI::App& app, int& status);

}  // namespace costdrift::replay
