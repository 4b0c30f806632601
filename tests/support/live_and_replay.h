// live_and_replay: one log through the daemon on a broker, and through `costdrift replay`; both must come to the same.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/http_stub.h"
#include "tests/support/running_daemon.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {

class LiveAndReplay {
 public:
  LiveAndReplay(const std::string& binary, const std::string& bootstrap, const std::string& topic, TrafficLog log,
                const std::string& idle_timeout = "1s");

  // From now on the live daemon is told this action, as JSON, as soon as it can take one, and replays repeat it.
  void say(std::string action) { action_ = std::move(action); }
  // Reads the log, which somebody has published, to its end, stops and returns the state's dump. Expects that the
  // webhook was told the newest version of every incident.
  std::string run_live();
  // The same after SIGKILLs at the given times after each start.
  std::string run_live_killed(const std::vector<std::chrono::milliseconds>& kills);
  // The same for a daemon that is driven from outside, between these two: from nothing; and to the log's end, where
  // whatever is not running is started. At most `repeats` notifications may have been posted twice.
  void begin();
  std::string finish(int repeats);
  // Expects that a replay of the log gives this dump, and the journal in it as alerts.
  void expect_replay(const std::string& live_dump);

  RunningDaemon& daemon() { return daemon_; }
  const std::vector<std::string>& files() const { return files_; }

 private:
  TrafficLog log_;
  std::string action_;  // empty: none
  TempDir directory_;
  std::vector<std::string> files_;
  HttpStub webhook_;
  std::size_t posts_before_ = 0;
  RunningDaemon daemon_;
};

}  // namespace costdrift::tests
