// App: the whole daemon, embeddable: made once, run once, stopped once. main() adds signals; tests and the demo run it
// in-process.
//
// Threads  make() and run() on one thread (the stream thread); stop() and the accessors from any.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "config/settings.h"
#include "core/clock.h"
#include "core/result.h"
#include "daemon/disk_watch.h"
#include "daemon/http/api_snapshot.h"
#include "daemon/log.h"
#include "daemon/log_source.h"

namespace costdrift::daemon {

struct AppOptions {
  config::Settings settings;           // checked
  std::unique_ptr<LogSource> source;   // null: Kafka, as the settings say
  const core::Clock* clock = nullptr;  // required
  std::string version;
  FreeSpace free_mib;  // null: the system is asked
};

class App {
 public:
  // Opens state, sinks, HTTP and source; everything fallible that needs no broker happens here. Errors carry the exit
  // code.
  static core::Result<std::unique_ptr<App>> make(AppOptions options);
  ~App();

  // Works until stop(), then drains and closes within ten seconds. An error is final; the state stays consistent.
  core::Result<void> run();
  void stop();

  std::string url() const;  // of the page
  std::shared_ptr<const ApiSnapshot> snapshot() const;

 private:
  struct Impl;
  explicit App(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::daemon
