// TcpProxy: stands between Kafka clients and one broker on this machine, and does to their connections what networks
// do: delays, cuts in the middle of an answer, leaves them half open.
//
// A broker tells its clients at which port it is; in its answers the proxy's port is put there, so that they come back.
// Threads  any; two of its own per connection.
// Limits   one broker that calls itself 127.0.0.1.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace costdrift::tests {

class TcpProxy {
 public:
  // `broker`: "127.0.0.1:PORT".
  explicit TcpProxy(const std::string& broker);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  // Every request and every answer comes so much later.
  void delay(std::chrono::milliseconds time) { delay_ms_ = time.count(); }
  // The next `times` that so many bytes were answered, the connection is cut in the middle of the answer under way.
  void cut_every(std::int64_t bytes, int times);
  int cuts() const { return cuts_; }
  // Half open: what is connected stays so, and nothing comes any more, ever; what connects is taken, and is not
  // answered either. Until false: new connections work again.
  void half_open(bool on);
  int half_opened() const { return half_opened_; }

 private:
  struct Connection;
  void accept_all();
  void take_requests(Connection& connection);
  void take_answers(Connection& connection);
  bool answer(Connection& connection, std::string& frame);
  void wait_delay() const;

  int listener_ = -1, broker_port_ = 0, port_ = 0;
  std::atomic<std::int64_t> delay_ms_{0};
  std::atomic<int> cuts_{0}, cuts_left_{0}, half_opened_{0};
  std::atomic<std::int64_t> cut_every_{0}, until_cut_{0};
  std::atomic<bool> mute_{false}, ending_{false};
  std::mutex mutex_;
  std::list<std::unique_ptr<Connection>> connections_;
  std::thread acceptor_;
};

}  // namespace costdrift::tests
