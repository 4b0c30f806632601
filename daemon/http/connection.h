// HttpConnection: the bytes of one accepted socket, with limits that hold however slowly the other side sends.
//
// Threads  one thread reads and writes; another may call shutdown() on the same socket, which ends both at once.
// Limits   at most kMaxRequestBytes in; kRequestTime for all reads together, kAnswerTime for all writes together.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace costdrift::daemon {

inline constexpr std::size_t kMaxRequestBytes = 8192;
inline constexpr std::chrono::seconds kRequestTime{10};
inline constexpr std::chrono::seconds kAnswerTime{10};

class HttpConnection {
 public:
  // Owns the socket.
  explicit HttpConnection(int socket);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  // Waits for bytes. 0: the other side has finished; -1: a limit, an error, or shut down.
  ssize_t read(char* to, std::size_t size);
  // All of `bytes`; false: a limit, an error, or shut down.
  bool write(std::string_view bytes);
  // Says that no more is to come and waits a little until the other side has taken it all: closing with unread bytes
  // would make the kernel throw our answer away.
  void finish();

  int socket() const { return socket_; }

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  bool wait_for(short events, Deadline deadline) const;

  int socket_;
  Deadline read_until_;
  std::optional<Deadline> write_until_;
  std::size_t bytes_read_ = 0;
  std::string buffer_;
  std::size_t consumed_ = 0;
};

// Tells a client that there is no room, or no more, without ever waiting for it, and closes the socket.
void refuse_connection(int socket);

}  // namespace costdrift::daemon
