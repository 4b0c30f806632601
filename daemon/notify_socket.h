// NotifySocket: tells the service manager (systemd, Type=notify) how the daemon stands: sd_notify's datagrams, without
// libsystemd.
//
// Threads  safe from every thread.
// Errors   without a service manager (no $NOTIFY_SOCKET) every call does nothing and succeeds. A manager that cannot be
//          reached is an error that the caller may log; it never stops the daemon.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace costdrift::daemon {

class NotifySocket {
 public:
  // From $NOTIFY_SOCKET, $WATCHDOG_USEC and $WATCHDOG_PID (a watchdog meant for another process is not ours). Call
  // before threads start: the environment is read here only.
  static NotifySocket from_environment();

  // `address` as in $NOTIFY_SOCKET: a path, or "@name" in the abstract name space; empty: nobody listens.
  NotifySocket(std::string address, std::optional<core::Duration> watchdog)
      : address_(std::move(address)), watchdog_(watchdog) {}

  bool enabled() const { return !address_.empty(); }
  // How long the manager waits for watchdog() before it kills the daemon; call watchdog() at least twice in that time.
  // nullopt: no watchdog.
  std::optional<core::Duration> watchdog_timeout() const { return watchdog_; }

  core::Result<void> ready() const { return send("READY=1"); }
  core::Result<void> stopping() const { return send("STOPPING=1"); }
  core::Result<void> watchdog() const { return send("WATCHDOG=1"); }
  // One line for people, shown by `systemctl status`; escaped.
  core::Result<void> status(std::string_view text) const;
  // Asks for this much more time to start or to stop (reading the state back, delivering the last messages).
  core::Result<void> extend_timeout(core::Duration time) const;

 private:
  core::Result<void> send(std::string_view message) const;

  std::string address_;
  std::optional<core::Duration> watchdog_;
};

}  // namespace costdrift::daemon
