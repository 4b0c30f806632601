// The public traces of tests/data/traces as logs of three partitions.
#pragma once

#include "tests/support/traffic_log.h"

namespace costdrift::tests {

// Four days of coding-agent sessions of four applications: about 27,000 calls.
TrafficLog claude_code_log(const std::string& source_dir);
// The hour of the chat service: 19,366 calls.
TrafficLog azure_log(const std::string& source_dir);

}  // namespace costdrift::tests
