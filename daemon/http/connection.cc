#include "daemon/http/connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace costdrift::daemon {

namespace {

constexpr std::chrono::seconds kFinishTime{1};
constexpr std::size_t kMaxLeftover = 65'536;

}  // namespace

HttpConnection::HttpConnection(int socket)
    : socket_(socket), read_until_(std::chrono::steady_clock::now() + kRequestTime) {}

HttpConnection::~HttpConnection() { ::close(socket_); }

ssize_t HttpConnection::read(char* to, std::size_t size) {
  if (consumed_ == buffer_.size()) {
    const std::size_t room = kMaxRequestBytes - bytes_read_;
    if (room == 0 || !wait_for(POLLIN, read_until_)) return -1;
    buffer_.resize(room);
    const ssize_t received = ::recv(socket_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    buffer_.resize(static_cast<std::size_t>(std::max<ssize_t>(received, 0)));
    consumed_ = 0;
    bytes_read_ += buffer_.size();
    if (received <= 0) return received;
  }
  const std::size_t count = std::min(size, buffer_.size() - consumed_);
  std::memcpy(to, buffer_.data() + consumed_, count);
  consumed_ += count;
  return static_cast<ssize_t>(count);
}

bool HttpConnection::write(std::string_view bytes) {
  if (!write_until_) write_until_ = std::chrono::steady_clock::now() + kAnswerTime;
  while (!bytes.empty()) {
    if (!wait_for(POLLOUT, *write_until_)) return false;
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  }
  return true;
}

void HttpConnection::finish() {
  ::shutdown(socket_, SHUT_WR);
  const auto until = std::chrono::steady_clock::now() + kFinishTime;
  std::array<char, 4096> leftover;
  for (std::size_t total = 0; total < kMaxLeftover && wait_for(POLLIN, until);) {
    const ssize_t received = ::recv(socket_, leftover.data(), leftover.size(), MSG_DONTWAIT);
    if (received <= 0) return;
    total += static_cast<std::size_t>(received);
  }
}

bool HttpConnection::wait_for(short events, Deadline deadline) const {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    pollfd waiting{socket_, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

void refuse_connection(int socket) {
  constexpr std::string_view kAnswer =
      "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain\r\nRetry-After: 10\r\n"
      "Content-Length: 22\r\n\r\nbusy or shutting down\n";
  // Nothing can be done for a client that is not even told.
  [[maybe_unused]] const ssize_t sent = ::send(socket, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(socket, SHUT_WR);
  ::close(socket);
}

}  // namespace costdrift::daemon
