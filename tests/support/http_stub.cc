#include "tests/support/http_stub.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace costdrift::tests {
namespace {

[[noreturn]] void give_up(const char* what) {
  std::perror(what);
  std::abort();
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// The first request in `bytes`, which it is removed from; nullopt: not complete yet.
std::optional<StubRequest> take_request(std::string& bytes) {
  const std::size_t head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string::npos) return std::nullopt;
  StubRequest request;
  std::size_t line_start = bytes.find("\r\n") + 2;
  const std::string first = bytes.substr(0, line_start - 2);
  request.method = first.substr(0, first.find(' '));
  request.target = first.substr(first.find(' ') + 1, first.rfind(' ') - first.find(' ') - 1);
  while (line_start < head_end) {
    const std::size_t line_end = bytes.find("\r\n", line_start);
    const std::size_t colon = bytes.find(": ", line_start);
    request.headers[lower(bytes.substr(line_start, colon - line_start))] =
        bytes.substr(colon + 2, line_end - colon - 2);
    line_start = line_end + 2;
  }
  const auto length = request.headers.find("content-length");
  const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
  if (bytes.size() < head_end + 4 + size) return std::nullopt;
  request.body = bytes.substr(head_end + 4, size);
  bytes.erase(0, head_end + 4 + size);
  return request;
}

std::string head_of(const StubReply& reply, bool with_length) {
  std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " Scripted\r\n";
  for (const auto& [name, value] : reply.headers) text += name + ": " + value + "\r\n";
  if (with_length) text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
  return text + "\r\n";
}

bool send_all(int fd, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t n = send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

struct HttpStub::Impl {
  int listener = -1;
  int stop_event = -1;
  int port = 0;
  mutable std::mutex mutex;
  mutable std::condition_variable arrived;
  std::deque<StubReply> replies;
  std::function<StubReply(const StubRequest&)> decide;
  std::vector<StubRequest> requests;
  std::vector<std::thread> connections;  // of the accept thread until it has ended
  std::thread accepting;

  void listen_on_loopback();
  void accept_all();
  void serve(int fd);
  bool respond(int fd, const StubReply& reply);
  StubReply note(StubRequest request);
  // True when `fd` can be read; false when the stub ends or `timeout_ms` (-1: none) has passed.
  bool readable(int fd, int timeout_ms = -1) const;
  bool ending() const { return readable(stop_event, 0); }
};

void HttpStub::Impl::listen_on_loopback() {
  listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener < 0 || bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0) give_up("http stub: bind");
  if (listen(listener, 64) != 0) give_up("http stub: listen");
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
}

bool HttpStub::Impl::readable(int fd, int timeout_ms) const {
  pollfd watched[2] = {{fd, POLLIN, 0}, {stop_event, POLLIN, 0}};
  poll(watched, fd == stop_event ? 1 : 2, timeout_ms);
  return watched[0].revents != 0 && (fd == stop_event || watched[1].revents == 0);
}

void HttpStub::Impl::accept_all() {
  while (readable(listener)) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) connections.emplace_back([this, fd] { serve(fd); });
  }
}

void HttpStub::Impl::serve(int fd) {
  std::string bytes;
  char buffer[16384];
  bool keep = true;
  while (keep && readable(fd)) {
    const ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0) break;
    bytes.append(buffer, static_cast<std::size_t>(n));
    while (keep) {
      std::optional<StubRequest> request = take_request(bytes);
      if (!request) break;
      keep = respond(fd, note(std::move(*request)));
    }
  }
  close(fd);
}

StubReply HttpStub::Impl::note(StubRequest request) {
  const std::scoped_lock lock(mutex);
  request.arrived = std::chrono::steady_clock::now();
  requests.push_back(std::move(request));
  arrived.notify_all();
  if (decide) return decide(requests.back());
  if (replies.empty()) return {};
  StubReply reply = replies.front();
  if (replies.size() > 1) replies.pop_front();
  return reply;
}

// False: the connection ends.
bool HttpStub::Impl::respond(int fd, const StubReply& reply) {
  switch (reply.behaviour) {
    case StubBehaviour::answer:
      return send_all(fd, head_of(reply, true) + reply.body);
    case StubBehaviour::hang:
      readable(fd);  // until the client leaves or the stub ends
      return false;
    case StubBehaviour::reset: {
      const linger now = {1, 0};
      setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
      return false;
    }
    case StubBehaviour::trickle:
      send_all(fd, head_of(reply, false));
      while (!readable(fd, 20) && !ending() && send_all(fd, "x")) {
      }
      return false;
  }
  return false;
}

HttpStub::HttpStub(std::vector<StubReply> script_replies) : impl_(std::make_unique<Impl>()) {
  script(std::move(script_replies));
  impl_->stop_event = eventfd(0, EFD_CLOEXEC);
  impl_->listen_on_loopback();
  impl_->accepting = std::thread([this] { impl_->accept_all(); });
}

HttpStub::~HttpStub() {
  eventfd_write(impl_->stop_event, 1);
  impl_->accepting.join();
  for (std::thread& connection : impl_->connections) connection.join();
  close(impl_->listener);
  close(impl_->stop_event);
}

int HttpStub::port() const { return impl_->port; }

std::string HttpStub::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(impl_->port) + path;
}

void HttpStub::script(std::vector<StubReply> replies) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->replies.assign(replies.begin(), replies.end());
  impl_->decide = nullptr;
}

void HttpStub::answer_by(std::function<StubReply(const StubRequest&)> decide) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->decide = std::move(decide);
}

std::vector<StubRequest> HttpStub::requests() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->requests;
}

bool HttpStub::await_requests(std::size_t count) const {
  std::unique_lock lock(impl_->mutex);
  return impl_->arrived.wait_for(lock, std::chrono::seconds(10), [&] { return impl_->requests.size() >= count; });
}

}  // namespace costdrift::tests
