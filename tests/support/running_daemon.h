// RunningDaemon: `costdrift run` as a child process against a broker, with a configuration as a person would write it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace costdrift::tests {

struct DaemonOptions {
  std::string binary;     // build/.../costdrift
  std::string bootstrap;  // of the broker
  std::string topic;
  std::string webhook_url;  // empty: a console sink
  std::string idle_timeout = "1s";
  std::string extra_yaml;             // appended to the configuration
  std::string state_options = {};     // more keys of `state`, each after a comma
  std::string kafka_properties = {};  // more keys of `kafka.properties`, each after a comma
  std::string kafka_options = {};     // more keys of `kafka`, each a line indented by two
  std::string launcher = {};  // becomes the daemon; its arguments are the (existing) state directory and the command
  std::vector<std::string> more_webhook_urls = {};
};

class RunningDaemon {
 public:
  explicit RunningDaemon(const DaemonOptions& options);

  // `environment`: "NAME=value" words for the child alone.
  void start(const std::vector<std::string>& environment = {});
  // What the next start is told; the state stays.
  const DaemonOptions& options() const { return options_; }
  void configure(const DaemonOptions& options);
  bool running() { return process_ && process_->running(); }
  void kill_hard();  // SIGKILL, as a power switch would
  void kill_after(std::chrono::milliseconds time);
  [[nodiscard]] int stop_gently();  // SIGTERM; the exit status, -1 when it does not end within 15 s
  [[nodiscard]] int await_end();    // the exit status, -1 when it does not end by itself within 60 s

  // Waits until every partition is read to `records` records in all and is idle. False after `patience`.
  [[nodiscard]] bool await_consumed(std::int64_t records, std::chrono::milliseconds patience);
  // Waits until `records` are read in all and nothing is left: lag 0.
  [[nodiscard]] bool await_read(std::int64_t records, std::chrono::milliseconds patience);

  // Deletes the state: the next start begins from nothing, under the same configuration.
  void forget();

  std::string config_path() const { return directory_.file("costdrift.yaml"); }
  std::string state_path() const { return directory_.file("state"); }
  // `costdrift state dump` of the (stopped) daemon's state, or of another state directory.
  std::string dump() const { return dump_of(state_path()); }
  std::string dump_of(const std::string& state) const;
  // `costdrift replay` of the files with the daemon's configuration into a new state directory; the exit status.
  // `actions`: a file with what people said; empty: nothing.
  [[nodiscard]] int replay(const std::vector<std::string>& files, const std::string& alerts, const std::string& state,
                           const std::string& actions = {}) const;
  std::string log() const { return read_file(directory_.file("err")); }
  std::string api(const std::string& path) const;
  // Posts an action; false: it was not taken, or not yet.
  bool say(const std::string& action) const;

 private:
  DaemonOptions options_;
  TempDir directory_;
  int port_ = 0;
  std::unique_ptr<Process> process_;
};

// The lines of a dump that begin with `space`, without that word ("journal": the alert events as JSON lines).
std::string rows_of(const std::string& dump, const std::string& space);

// Records that a dump says were read, over all partitions.
std::int64_t records_in(const std::string& dump);

// Empty when both are equal; otherwise the first line in which they differ, of both.
std::string first_difference(const std::string& a, const std::string& b);

}  // namespace costdrift::tests
