// DemoSetup: what the demo gives the daemon: a scratch directory with state, secrets and a configuration file like one
// that a person would write.
#pragma once

#include <string>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/demo/receiver.h"

namespace costdrift::daemon::demo {

// Removes its directory when destroyed.
class DemoSetup {
 public:
  static core::Result<DemoSetup> make(const std::string& bootstrap, const Receiver& receiver);
  ~DemoSetup();
  DemoSetup(DemoSetup&& other) noexcept : directory_(std::move(other.directory_)) { other.directory_.clear(); }
  DemoSetup(const DemoSetup&) = delete;
  DemoSetup& operator=(const DemoSetup&) = delete;

  std::string config_path() const { return directory_ + "/costdrift.yaml"; }
  core::Result<config::Settings> settings() const;

 private:
  explicit DemoSetup(std::string directory) : directory_(std::move(directory)) {}
  core::Result<void> write(const std::string& name, const std::string& text) const;

  std::string directory_;
};

inline constexpr const char* kDemoTopic = "llm.usage";
inline constexpr int kDemoPartitions = 8;

}  // namespace costdrift::daemon::demo
