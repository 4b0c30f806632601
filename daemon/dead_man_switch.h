// DeadManSwitch: requests at a fixed pace to a receiver that alarms when they stop coming. Their absence means that
// nobody watches the costs: the daemon, its machine or its network is down, or it cannot read events.
//
// Operation  one POST every `every`, only while the stream thread moves and the daemon is ready (what /healthz and
//            /readyz say). A receiver that does not take them is told of once in the log, and once when it does again.
// Threads    one of its own; the destructor ends it, and a request under way within about a second.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "config/settings.h"
#include "core/clock.h"
#include "core/result.h"
#include "daemon/delivery/waiter.h"
#include "daemon/heartbeat.h"
#include "daemon/http/api_snapshot.h"
#include "daemon/log.h"
#include "sinks/http_client.h"

namespace costdrift::daemon {

class DeadManSwitch {
 public:
  // What it looks at and writes to; all of it outlives the switch.
  struct Watched {
    const SnapshotBoard& board;
    const Heartbeat& heartbeat;
    const core::Clock& clock;
    Waiter& waiter;  // by the clock's time
    const Log& log;
  };

  // Null: the settings name no receiver. Errors (config): its address cannot be read or may not be used.
  static core::Result<std::unique_ptr<DeadManSwitch>> start(const config::DeadManSettings& settings, Watched watched,
                                                            std::unique_ptr<sinks::HttpClient> http);
  ~DeadManSwitch();

 private:
  DeadManSwitch(std::string url, core::Duration every, Watched watched, std::unique_ptr<sinks::HttpClient> http);
  void work();
  void pause(std::unique_lock<std::mutex>& lock, core::Duration length);
  bool watches() const;
  void beat();

  const std::string url_;
  const core::Duration every_;
  const Watched watched_;
  const std::unique_ptr<sinks::HttpClient> http_;
  bool refused_ = false;
  std::mutex mutex_;
  std::condition_variable stop_wanted_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace costdrift::daemon
