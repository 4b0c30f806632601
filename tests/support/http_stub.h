// HttpStub: a scripted HTTP/1.1 server on loopback. It records every request and answers from a script: a status with
// headers and a body, a hang, a reset, or a body that trickles.
//
// Operation  replies are used in the order given, one per request; the last one stays. Without a script every request
//            is answered 200 "ok".
// Threads    safe from every thread. The destructor ends every connection at once, hanging ones too.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace costdrift::tests {

struct StubRequest {
  std::string method, target;
  std::map<std::string, std::string> headers;  // lower-case names
  std::string body;
  std::chrono::steady_clock::time_point arrived;
};

enum class StubBehaviour {
  answer,   // status, headers, body
  hang,     // reads the request and never answers
  reset,    // closes the connection with RST instead of an answer
  trickle,  // the head at once, then a byte of the body every 20 ms, without end
};

struct StubReply {
  int status = 200;
  std::string body = "ok";
  std::map<std::string, std::string> headers = {};
  StubBehaviour behaviour = StubBehaviour::answer;
};

class HttpStub {
 public:
  explicit HttpStub(std::vector<StubReply> script = {});
  ~HttpStub();
  HttpStub(const HttpStub&) = delete;
  HttpStub& operator=(const HttpStub&) = delete;

  int port() const;
  std::string url(const std::string& path = "/") const;  // "http://127.0.0.1:<port><path>"
  void script(std::vector<StubReply> replies);
  // From now on `decide` answers, until script() is called; called by one thread at a time.
  void answer_by(std::function<StubReply(const StubRequest&)> decide);
  std::vector<StubRequest> requests() const;
  // Waits at most ten seconds; false when fewer than `count` came.
  [[nodiscard]] bool await_requests(std::size_t count) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::tests
