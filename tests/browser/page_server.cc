// The HTTP server with a made-up snapshot, for looking at the page: page_server sample|hostile|quiet|starting
// Prints its address and ends when standard input is closed.
#include <cstdio>
#include <iostream>
#include <string>

#include "daemon/http_server.h"
#include "tests/support/sample_snapshot.h"

namespace {

costdrift::daemon::ApiSnapshot snapshot_named(const std::string& name) {
  namespace support = costdrift::tests;
  if (name == "sample") return support::sample_snapshot();
  if (name == "hostile") return support::hostile_snapshot();
  if (name == "quiet") return support::quiet_snapshot();
  costdrift::daemon::ApiSnapshot starting;
  starting.version = "0.1.0";
  starting.not_ready_because = "waiting for the Kafka broker at localhost:9092";
  return starting;
}

}  // namespace

int main(int argument_count, char** arguments) {
  using namespace costdrift;
  const std::string name = argument_count > 1 ? arguments[1] : "sample";
  const core::SystemClock clock;
  const daemon::Heartbeat heartbeat(clock);
  daemon::SnapshotBoard board;
  board.publish(std::make_shared<daemon::ApiSnapshot>(snapshot_named(name)));
  config::HttpSettings settings;
  settings.listen = "127.0.0.1:0";
  const auto server = daemon::HttpServer::start(settings, board, heartbeat);
  if (!server) {
    std::fprintf(stderr, "page_server: %s\n", server.error().message.c_str());
    return static_cast<int>(server.error().code);
  }
  std::printf("%s\n", (*server)->url().c_str());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
  }
  return 0;
}
