// `costdrift replay`: what replay() gives, as alerts, accounting and reports for people and programs.
#pragma once

#include "replay/runner.h"

namespace costdrift::replay {

// Prints; returns the exit status.
int replay_command(const ReplayOptions& options);

}  // namespace costdrift::replay
