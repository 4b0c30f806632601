// The program's commands, one function each: options in, exit status out (core::ErrorCode values, 0 for ok). Messages
// for people go to standard error, results to standard output.
#pragma once

#include <string>

#include "core/result.h"

namespace costdrift::daemon {

struct RunOptions {
  std::string config;
};
// Runs the daemon until SIGTERM or SIGINT.
int run_command(const RunOptions& options, const std::string& version);

struct CheckOptions {
  std::string config;
  bool print_effective = false;
};
// Says what is wrong with a configuration, all of it; contacts nothing. Warns of what works but does nothing (an alias
// of a model without a price).
int check_command(const CheckOptions& options);

struct StateDumpOptions {
  std::string path;
  bool with_deliveries = false;
};
int state_dump_command(const StateDumpOptions& options);

// Prints the configuration reference (config/REFERENCE.md).
int reference_command();

struct SendTestOptions {
  std::string config;
  std::string sink;  // empty: every sink
};
// Sends a test alert (and its end) through the configured sinks and says what each answered.
int send_test_command(const SendTestOptions& options, const std::string& version);

// Prints "costdrift: <message>" and returns the error's exit status.
int report(const core::Error& error);

}  // namespace costdrift::daemon
