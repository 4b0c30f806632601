#include "tests/support/running_daemon.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "daemon/answers/daemon_client.h"
#include "tests/support/await.h"
#include "tests/support/http_get.h"

namespace costdrift::tests {
namespace {

// A port that was free a moment ago.
int free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  const bool bound = bind(descriptor, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
                     getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0;
  close(descriptor);
  return bound ? ntohs(address.sin_port) : 0;
}

std::string configuration(const DaemonOptions& options, const std::string& state, int port) {
  const std::string sink =
      options.webhook_url.empty() ? "{type: console}" : "{type: webhook, url: \"" + options.webhook_url + "\"}";
  std::string more_sinks;
  for (std::size_t i = 0; i < options.more_webhook_urls.size(); ++i) {
    more_sinks += ", more-" + std::to_string(i) + ": {type: webhook, url: \"" + options.more_webhook_urls[i] + "\"}";
  }
  return "kafka:\n  brokers: " + options.bootstrap + "\n  topics: [{name: " + options.topic +
         ", format: canonical}]\n  properties: {fetch.wait.max.ms: 5" + options.kafka_properties + "}\n" +
         options.kafka_options + "state: {path: " + state + ", commit_interval: 50ms" + options.state_options +
         "}\ntime: {idle_timeout: " + options.idle_timeout + "}\nsinks: {records: " + sink + more_sinks +
         "}\nhttp: {listen: \"127.0.0.1:" + std::to_string(port) + "\"}\n" + options.extra_yaml;
}

// Records read of all partitions that the daemon's status page speaks of; nullopt: there is none, or one that does
// not satisfy `each`.
std::optional<std::int64_t> consumed_in(const nlohmann::json& status,
                                        const std::function<bool(const nlohmann::json&)>& each) {
  const auto partitions = status.is_object() ? status.value("partitions", nlohmann::json()) : nlohmann::json();
  if (partitions.empty()) return std::nullopt;
  std::int64_t consumed = 0;
  for (const auto& partition : partitions) {
    if (!each(partition)) return std::nullopt;
    consumed += partition.value("next_offset", std::int64_t{0});
  }
  return consumed;
}

}  // namespace

RunningDaemon::RunningDaemon(const DaemonOptions& options) : port_(free_port()) { configure(options); }

void RunningDaemon::configure(const DaemonOptions& options) {
  options_ = options;
  directory_.write("costdrift.yaml", configuration(options_, state_path(), port_));
}

void RunningDaemon::start(const std::vector<std::string>& environment) {
  // env becomes the program, so signals reach it.
  std::vector<std::string> argv{"/usr/bin/env"};
  argv.insert(argv.end(), environment.begin(), environment.end());
  if (!options_.launcher.empty()) {
    (void)mkdir(state_path().c_str(), 0700);
    argv.insert(argv.end(), {options_.launcher, state_path()});
  }
  argv.insert(argv.end(), {options_.binary, "run", "--config", config_path()});
  process_ = std::make_unique<Process>(argv, directory_.file("out"), directory_.file("err"));
}

void RunningDaemon::kill_hard() {
  process_->signal(SIGKILL);
  process_->wait(std::chrono::seconds(10));
}

int RunningDaemon::stop_gently() {
  process_->signal(SIGTERM);
  return process_->wait(std::chrono::seconds(15)).value_or(-1);
}

std::string RunningDaemon::api(const std::string& path) const { return http_get(port_, path).value_or(""); }

bool RunningDaemon::say(const std::string& action) const {
  daemon::DaemonAddress address;
  address.url = "http://127.0.0.1:" + std::to_string(port_);
  const auto client = daemon::DaemonClient::make(address);
  return client && client->post_action(action);
}

int RunningDaemon::await_end() { return process_->wait(std::chrono::seconds(60)).value_or(-1); }

// One answer for both questions: between two, partitions may be assigned that were read to their end before.
bool RunningDaemon::await_consumed(std::int64_t records, std::chrono::milliseconds patience) {
  return await(
      [&] {
        const auto status = nlohmann::json::parse(api("/api/v1/status"), nullptr, false);
        return consumed_in(status, [](const auto& partition) { return partition.value("idle", false); }) >= records;
      },
      patience);
}

bool RunningDaemon::await_read(std::int64_t records, std::chrono::milliseconds patience) {
  return await(
      [&] {
        const auto status = nlohmann::json::parse(api("/api/v1/status"), nullptr, false);
        return consumed_in(status, [](const auto&) { return true; }) >= records && status.value("lag_records", -1) == 0;
      },
      patience);
}

std::string RunningDaemon::dump_of(const std::string& state) const {
  std::string out;
  const int status = run({options_.binary, "state", "dump", "--path", state}, &out);
  return status == 0 ? out : "state dump failed with exit status " + std::to_string(status);
}

int RunningDaemon::replay(const std::vector<std::string>& files, const std::string& alerts, const std::string& state,
                          const std::string& actions) const {
  std::vector<std::string> argv = {options_.binary, "replay",  "--config", config_path(), "--alerts",
                                   alerts,          "--state", state,      "--events"};
  argv.insert(argv.end(), files.begin(), files.end());
  if (!actions.empty()) argv.insert(argv.end(), {"--actions", actions});
  return run(argv);
}

void RunningDaemon::kill_after(std::chrono::milliseconds time) {
  process_->wait(time);
  kill_hard();
}

void RunningDaemon::forget() { std::filesystem::remove_all(state_path()); }

std::string rows_of(const std::string& dump, const std::string& space) {
  std::istringstream lines(dump);
  std::string rows;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(space + " ")) rows += line.substr(space.size() + 1) + "\n";
  }
  return rows;
}

std::int64_t records_in(const std::string& dump) {
  std::istringstream lines(rows_of(dump, "positions"));
  std::int64_t sum = 0;
  const std::string name = " records=";
  for (std::string line; std::getline(lines, line);) {
    const auto at = line.find(name);
    if (at != std::string::npos) sum += std::stoll(line.substr(at + name.size()));
  }
  return sum;
}

std::string first_difference(const std::string& a, const std::string& b) {
  if (a == b) return {};
  std::istringstream left(a), right(b);
  std::string one, other;
  do {
    if (!std::getline(left, one)) one = "(end)";
    if (!std::getline(right, other)) other = "(end)";
  } while (one == other);
  return "\n" + one.substr(0, 600) + "\n" + other.substr(0, 600);
}

}  // namespace costdrift::tests
