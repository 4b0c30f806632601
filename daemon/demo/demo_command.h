// `costdrift demo`: a working day with known incidents, played through an embedded broker into the real daemon.
#pragma once

#include <string>

namespace costdrift::daemon {

struct DemoOptions {
  bool quick = false;  // two days of history instead of seven
  bool keep = false;   // after the end the page stays up until SIGINT or SIGTERM
};

// Exit status 0 only if every incident was alerted and nothing else was paged.
int demo_command(const DemoOptions& options, const std::string& version);

}  // namespace costdrift::daemon
