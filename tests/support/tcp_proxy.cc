#include "tests/support/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace costdrift::tests {
namespace {

[[noreturn]] void end_test(const char* what) {
  std::perror(what);
  std::abort();
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int connect_to(int port) {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return descriptor;
  close(descriptor);
  return -1;
}

bool send_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool receive_all(int descriptor, char* into, std::size_t size) {
  while (size > 0) {
    const ssize_t got = recv(descriptor, into, size, 0);
    if (got <= 0) return false;
    into += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

std::string big_endian(std::uint32_t value) {
  const std::uint32_t bytes = htonl(value);
  return std::string(reinterpret_cast<const char*>(&bytes), sizeof bytes);
}

// One answer of the broker with its length in front; false: the connection ended.
bool receive_frame(int descriptor, std::string& frame) {
  std::uint32_t size = 0;
  if (!receive_all(descriptor, reinterpret_cast<char*>(&size), sizeof size)) return false;
  const std::size_t bytes = ntohl(size);
  frame.resize(sizeof size + bytes);
  std::memcpy(frame.data(), &size, sizeof size);
  return receive_all(descriptor, frame.data() + sizeof size, bytes);
}

}  // namespace

struct TcpProxy::Connection {
  int client = -1, broker = -1;
  std::atomic<bool> mute{false};
  std::thread requests, answers;

  void shut(int how) const {
    shutdown(client, how);
    if (broker >= 0) shutdown(broker, how);
  }
  ~Connection() {
    if (requests.joinable()) requests.join();
    if (answers.joinable()) answers.join();
    close(client);
    if (broker >= 0) close(broker);
  }
};

TcpProxy::TcpProxy(const std::string& broker) : broker_port_(std::atoi(broker.substr(broker.rfind(':') + 1).c_str())) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    end_test("proxy: listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

TcpProxy::~TcpProxy() {
  ending_ = true;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  for (const auto& connection : connections_) connection->shut(SHUT_RDWR);
}

void TcpProxy::cut_every(std::int64_t bytes, int times) {
  cut_every_ = until_cut_ = bytes;
  cuts_left_ = times;
}

void TcpProxy::half_open(bool on) {
  const std::lock_guard lock(mutex_);
  mute_ = on;
  if (!on) return;
  for (const auto& connection : connections_) {
    connection->mute = true;
    ++half_opened_;
    if (connection->broker >= 0) shutdown(connection->broker, SHUT_RDWR);
  }
}

void TcpProxy::accept_all() {
  while (!ending_) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const int now = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &now, sizeof now);
    const std::lock_guard lock(mutex_);
    auto& connection = *connections_.emplace_back(std::make_unique<Connection>());
    connection.client = client;
    connection.mute = mute_.load();
    if (!mute_) connection.broker = connect_to(broker_port_);
    connection.requests = std::thread([this, &connection] { take_requests(connection); });
    if (connection.broker >= 0) connection.answers = std::thread([this, &connection] { take_answers(connection); });
  }
}

void TcpProxy::take_requests(Connection& connection) {
  char bytes[16 * 1024];
  for (;;) {
    const ssize_t got = recv(connection.client, bytes, sizeof bytes, 0);
    if (got <= 0) break;
    if (connection.mute) continue;
    wait_delay();
    if (!send_all(connection.broker, {bytes, static_cast<std::size_t>(got)}) && !connection.mute) break;
  }
  connection.shut(SHUT_RDWR);
}

void TcpProxy::take_answers(Connection& connection) {
  std::string frame;
  while (receive_frame(connection.broker, frame) && answer(connection, frame)) {
  }
  if (!connection.mute) connection.shut(SHUT_RDWR);
}

bool TcpProxy::answer(Connection& connection, std::string& frame) {
  const std::string host = "127.0.0.1", theirs = host + big_endian(static_cast<std::uint32_t>(broker_port_));
  for (std::size_t at = frame.find(theirs); at != std::string::npos; at = frame.find(theirs, at + 1)) {
    frame.replace(at + host.size(), 4, big_endian(static_cast<std::uint32_t>(port_)));
  }
  wait_delay();
  if (connection.mute) return false;
  const auto size = static_cast<std::int64_t>(frame.size());
  if (cuts_left_ <= 0 || until_cut_.fetch_sub(size) > size) return send_all(connection.client, frame);
  until_cut_ = cut_every_.load();
  --cuts_left_;
  ++cuts_;
  (void)send_all(connection.client, std::string_view(frame).substr(0, frame.size() / 2));
  return false;
}

// The delay is the fault itself: there is no condition to await.
void TcpProxy::wait_delay() const {
  if (delay_ms_ > 0) std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms_));
}

}  // namespace costdrift::tests
