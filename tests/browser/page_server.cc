// The HTTP server with a made-up snapshot, for looking at the page: page_server sample|hostile|quiet|starting|gone
// Prints its address and ends when standard input is closed; "gone" stops answering after the page has refreshed once.
#include <atomic>
#include <cstdio>
#include <future>
#include <iostream>
#include <string>

#include "daemon/http/server.h"
#include "tests/support/sample_snapshot.h"

namespace {

using namespace costdrift;

// Tells when /api/v1/status, which shows the age of the heartbeat, is asked for the second time.
class CountingClock final : public core::Clock {
 public:
  core::WallTime wall_now() const override { return {}; }
  core::MonotonicTime monotonic_now() const override {
    constexpr int kFirstBeatAndTwoAges = 3;
    if (++calls_ == kFirstBeatAndTwoAges) asked_twice_.set_value();
    return core::MonotonicTime(std::chrono::hours(1));
  }
  std::future<void> asked_twice() { return asked_twice_.get_future(); }

 private:
  mutable std::atomic<int> calls_ = 0;
  mutable std::promise<void> asked_twice_;
};

daemon::ApiSnapshot snapshot_named(const std::string& name) {
  if (name == "sample" || name == "gone") {
    auto sample = tests::sample_snapshot();
    sample.untold = {sample.incidents->front().incident_id};
    return sample;
  }
  if (name == "hostile") return tests::hostile_snapshot();
  if (name == "quiet") return tests::quiet_snapshot();
  daemon::ApiSnapshot starting;
  starting.version = "0.1.0";
  starting.not_ready_because = "waiting for the Kafka broker at localhost:9092";
  return starting;
}

void await_end_of_input() {
  for (std::string line; std::getline(std::cin, line);) {
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::string name = argument_count > 1 ? arguments[1] : "sample";
  CountingClock clock;
  const daemon::Heartbeat heartbeat(clock);
  daemon::SnapshotBoard board;
  board.publish(std::make_shared<daemon::ApiSnapshot>(snapshot_named(name)));
  config::HttpSettings settings;
  settings.listen = "127.0.0.1:0";
  auto server = daemon::HttpServer::start(settings, board, heartbeat);
  if (!server) {
    std::fprintf(stderr, "page_server: %s\n", server.error().message.c_str());
    return static_cast<int>(server.error().code);
  }
  std::printf("%s\n", (*server)->url().c_str());
  std::fflush(stdout);
  if (name == "gone") {
    clock.asked_twice().wait();
    server->reset();
  }
  await_end_of_input();
  return 0;
}
