#include "daemon/log.h"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <unistd.h>

#include "core/text.h"

namespace costdrift::daemon {

namespace {

// Error messages may list every problem of a configuration file; field values are names and numbers.
constexpr std::size_t kMaxMessageBytes = 4096;
constexpr std::size_t kMaxFieldBytes = 512;

constexpr const char* kJsonPattern = "{\"ts\":\"%Y-%m-%dT%H:%M:%S.%eZ\",%v}";
constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %v";

std::string_view level_name(spdlog::level::level_enum level) {
  if (level == spdlog::level::err) return "error";
  if (level == spdlog::level::warn) return "warn";
  return level == spdlog::level::info ? "info" : "debug";
}

spdlog::level::level_enum level_of(std::string_view name) {
  if (name == "error") return spdlog::level::err;
  if (name == "warn") return spdlog::level::warn;
  return name == "debug" ? spdlog::level::debug : spdlog::level::info;
}

// escape_for_log leaves printable UTF-8 only, so that quotes and backslashes are all that JSON wants escaped.
std::string quoted(std::string_view text, std::size_t max_bytes) {
  std::string result = "\"";
  for (const char c : core::escape_for_log(text, max_bytes)) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

std::string json_line(std::string_view level, std::string_view event, std::string_view message, Log::Fields fields) {
  std::string line = "\"level\":\"" + std::string(level) + "\",\"event\":" + quoted(event, kMaxFieldBytes) +
                     ",\"msg\":" + quoted(message, kMaxMessageBytes);
  for (const auto& [name, value] : fields) {
    line += ',' + quoted(name, kMaxFieldBytes) + ':' + quoted(value, kMaxFieldBytes);
  }
  return line;
}

std::string text_line(std::string_view level, std::string_view event, std::string_view message, Log::Fields fields) {
  std::string line(level);
  line.resize(6, ' ');
  line += core::escape_for_log(event) + ": " + core::escape_for_log(message, kMaxMessageBytes);
  for (const auto& [name, value] : fields) {
    line += "  " + core::escape_for_log(name) + "=" + core::escape_for_log(value, kMaxFieldBytes);
  }
  return line;
}

}  // namespace

struct Log::Impl {
  explicit Impl(const config::LogSettings& settings)
      : json(settings.format == "json" || (settings.format != "text" && isatty(STDERR_FILENO) == 0)),
        logger("costdrift", std::make_shared<spdlog::sinks::stderr_sink_mt>()) {
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(json ? kJsonPattern : kTextPattern,
                                                                     spdlog::pattern_time_type::utc));
    logger.set_level(level_of(settings.level));
  }

  void write(spdlog::level::level_enum level, std::string_view event, std::string_view message, Fields fields) {
    if (!logger.should_log(level)) return;
    const auto line = json ? json_line : text_line;
    logger.log(level, spdlog::string_view_t(line(level_name(level), event, message, fields)));
  }

  bool json;
  spdlog::logger logger;
};

Log::Log(const config::LogSettings& settings) : impl_(std::make_unique<Impl>(settings)) {}
Log::~Log() = default;

void Log::error(std::string_view event, std::string_view message, Fields fields) const {
  impl_->write(spdlog::level::err, event, message, fields);
}

void Log::warn(std::string_view event, std::string_view message, Fields fields) const {
  impl_->write(spdlog::level::warn, event, message, fields);
}

void Log::info(std::string_view event, std::string_view message, Fields fields) const {
  impl_->write(spdlog::level::info, event, message, fields);
}

void Log::debug(std::string_view event, std::string_view message, Fields fields) const {
  impl_->write(spdlog::level::debug, event, message, fields);
}

}  // namespace costdrift::daemon
