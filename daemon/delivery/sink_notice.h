// What the other sinks are told when one sink refuses a message for good, or could not be told of it for so long that
// it was given up: else nobody would know that it is deaf.
//
// Operation  one incident per such sink, told at most once an hour; its end when that sink takes a message again. The
//            version is the wall clock's second, so that it grows across restarts without a record of its own.
// Limits     kept in memory only: the end is not told when the daemon was restarted meanwhile.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "core/clock.h"
#include "core/notification.h"
#include "state/windows.h"

namespace costdrift::daemon {

// What every sink is told once a day while as many series as limits.max_series are kept apart.
core::Notification series_limit_notice(std::int64_t max_series, const state::SeriesCensus& census, core::WallTime now);

// What every sink is told when reading stops for want of disk, and when it goes on.
core::Notification disk_notice(const std::string& problem, core::WallTime now, bool over);

// Threads  safe from every thread.
class SinkNotices {
 public:
  // What to tell the other sinks, if anything. `reason` holds no secret (sinks/sink.h).
  std::optional<core::Notification> on_rejected(const std::string& sink, const std::string& reason, core::WallTime now);
  // `what`: how many messages were given up because the sink could not be told of them, and why.
  std::optional<core::Notification> on_expired(const std::string& sink, const std::string& what, core::WallTime now);
  std::optional<core::Notification> on_delivered(const std::string& sink, core::WallTime now);

 private:
  std::optional<core::Notification> tell(const std::string& sink, std::string summary, core::WallTime now);

  std::mutex mutex_;
  struct Told {
    core::WallTime at;
    bool over = false;
  };
  std::map<std::string, Told> told_;  // by refusing sink
};

}  // namespace costdrift::daemon
