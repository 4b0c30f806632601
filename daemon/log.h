// Logging: JSON lines (or text on a terminal) to standard error. Levels by who must act: error = a human must act or
// data was lost; warn = unexpected but recovered; info = life cycle; debug = off by default. Never per event above
// debug.
//
// Every value is escaped (core/text.h), so that hostile bytes stay on one line. Never pass secrets, prompts or URLs
// with paths.
// Threads  all functions are safe from every thread.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "config/settings.h"

namespace costdrift::daemon {

class Log {
 public:
  explicit Log(const config::LogSettings& settings);
  ~Log();
  using Fields = std::initializer_list<std::pair<std::string_view, std::string>>;
  void error(std::string_view event, std::string_view message, Fields fields = {}) const;
  void warn(std::string_view event, std::string_view message, Fields fields = {}) const;
  void info(std::string_view event, std::string_view message, Fields fields = {}) const;
  void debug(std::string_view event, std::string_view message, Fields fields = {}) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::daemon
