#include "daemon/notify_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "core/text.h"

namespace costdrift::daemon {

namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<std::int64_t> positive_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

core::Error failed(const std::string& address, const char* why) {
  return core::fail(core::ErrorCode::unavailable,
                    "telling the service manager at " + core::escape_for_log(address) + ": " + why);
}

}  // namespace

NotifySocket NotifySocket::from_environment() {
  std::optional<core::Duration> watchdog;
  const auto pid = environment("WATCHDOG_PID");
  const bool ours = pid.empty() || positive_number(pid) == std::int64_t{getpid()};
  if (const auto us = positive_number(environment("WATCHDOG_USEC")); us && ours) watchdog = core::microseconds(*us);
  return {std::string(environment("NOTIFY_SOCKET")), watchdog};
}

core::Result<void> NotifySocket::status(std::string_view text) const {
  return send("STATUS=" + core::escape_for_log(text));
}

core::Result<void> NotifySocket::extend_timeout(core::Duration time) const {
  return send("EXTEND_TIMEOUT_USEC=" + std::to_string(time.us));
}

core::Result<void> NotifySocket::send(std::string_view message) const {
  if (!enabled()) return {};
  sockaddr_un peer{};
  peer.sun_family = AF_UNIX;
  if (address_.size() >= sizeof(peer.sun_path)) return failed(address_, "the socket's name is too long");
  std::memcpy(peer.sun_path, address_.data(), address_.size());
  const bool abstract = address_.front() == '@';
  if (abstract) peer.sun_path[0] = '\0';
  // The length tells the kernel where an abstract name ends; a path also counts its closing zero.
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size() + (abstract ? 0 : 1));

  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return failed(address_, std::strerror(errno));
  const ssize_t sent = ::sendto(fd, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                                reinterpret_cast<const sockaddr*>(&peer), length);
  const int problem = sent < 0 ? errno : 0;
  ::close(fd);
  if (problem != 0) return failed(address_, std::strerror(problem));
  return {};
}

}  // namespace costdrift::daemon
