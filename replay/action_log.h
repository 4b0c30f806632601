// read_actions: what people said about incidents, for a replay to apply at the same times.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "daemon/answers/action.h"

namespace costdrift::replay {

// From a state directory (which may be in use) or from a file of JSON lines as `state dump` prints them behind
// "actions ". Errors: io (cannot be read), bad_data (a line is no action, or says no "at"; the message names it).
core::Result<std::vector<daemon::Action>> read_actions(const std::string& path);

}  // namespace costdrift::replay
