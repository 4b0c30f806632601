// How fast `costdrift replay` is beside decoding alone, on the same files in the same run, how much memory it takes as
// the log grows, and whether its bytes depend on threads. Runs the program that lies beside this one.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "daemon/decode/decode.h"
#include "daemon/demo/incident_script.h"
#include "daemon/demo/workload.h"
#include "replay/event_files.h"

namespace costdrift {
namespace {

namespace fs = std::filesystem;
using Seconds = std::chrono::duration<double>;

struct Options {
  int days = 3, growth = 4, partitions = 4;
  double volume = 1;
  std::string directory;
};

struct Log {
  std::vector<std::string> paths;
  std::int64_t events = 0;
};

// `days` of the demo's traffic, the last with its incidents, one file a partition.
Log write_log(const Options& options, int days, const fs::path& directory) {
  fs::create_directories(directory);
  Log log;
  std::vector<std::ofstream> files;
  for (int p = 0; p < options.partitions; ++p) {
    log.paths.push_back(directory / ("p" + std::to_string(p) + ".jsonl"));
    files.emplace_back(log.paths.back(), std::ios::binary);
  }
  auto incidents = daemon::demo::parse_incident_script(daemon::demo::shipped_incident_script());
  if (!incidents) core::bug("the demo's own script cannot be read");
  daemon::demo::Workload workload(
      {.history_days = days - 1, .partitions = options.partitions, .volume = options.volume}, *std::move(incidents));
  std::vector<daemon::demo::EventBatch> batches(static_cast<std::size_t>(options.partitions));
  while (!workload.finished()) {
    workload.generate_until(workload.now() + core::minutes(10), batches);
    for (std::size_t p = 0; p < batches.size(); ++p) {
      for (std::size_t i = 0; i < batches[p].size(); ++i) files[p] << batches[p].event(i) << '\n';
      batches[p].clear();
    }
  }
  log.events = workload.events();
  return log;
}

class Count final : public daemon::EventHandler {
 public:
  void on_event(const core::UsageEvent&) override { ++events; }
  void on_rejected(daemon::RejectReason, std::string_view) override {}
  std::int64_t events = 0;
};

// Events a second of one thread that reads the files and decodes each line; nullopt when a file cannot be read.
std::optional<double> decode_alone(const Log& log) {
  const auto decoder = daemon::make_decoder("canonical", {});
  if (!decoder) return std::nullopt;
  Count count;
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& path : log.paths) {
    auto reader = replay::open_records(path, {});
    if (!reader) return std::nullopt;
    for (;;) {
      const auto line = (*reader)->next();
      if (!line) return std::nullopt;
      if (!line->has_value()) break;
      (*decoder)->decode(**line, count);
    }
  }
  if (count.events != log.events) return std::nullopt;
  return static_cast<double>(count.events) / Seconds(std::chrono::steady_clock::now() - begin).count();
}

struct Ran {
  double events_a_second = 0;
  long most_memory_kib = 0;
  std::string alerts;
};

std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::optional<Ran> replay_with(const fs::path& program, const Log& log, const fs::path& directory, int threads) {
  const fs::path config = directory / "costdrift.yaml", alerts = directory / "alerts.jsonl",
                 said = directory / "said.txt";
  std::ofstream(config) << "kafka: {brokers: unused, topics: [{name: llm.usage}]}\nstate: {path: /unused}\nsinks: {}\n";
  std::vector<std::string> words = {
      program, "replay", "--config", config, "--alerts", alerts, "--threads", std::to_string(threads), "--events"};
  words.insert(words.end(), log.paths.begin(), log.paths.end());
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const auto begin = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    if (std::freopen(said.c_str(), "w", stderr) == nullptr) _exit(126);
    execv(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  rusage used{};
  if (child < 0 || wait4(child, &status, 0, &used) != child || status != 0) {
    std::cerr << contents(said);
    return std::nullopt;
  }
  const Seconds took = std::chrono::steady_clock::now() - begin;
  return Ran{static_cast<double>(log.events) / took.count(), used.ru_maxrss, contents(alerts)};
}

// One row a number of threads; false when something failed or the bytes differ.
bool measure(const fs::path& program, const Log& log, const fs::path& directory) {
  const auto alone = decode_alone(log);
  if (!alone) return false;
  std::string alerts;
  for (const int threads : {1, 2}) {
    const auto ran = replay_with(program, log, directory, threads);
    if (!ran) return false;
    std::printf("%10lld  %7d  %14.0f  %10.0f  %5.2f  %8ld  %6ld\n", static_cast<long long>(log.events), threads, *alone,
                ran->events_a_second, ran->events_a_second / *alone, ran->most_memory_kib / 1024,
                static_cast<long>(std::count(ran->alerts.begin(), ran->alerts.end(), '\n')));
    std::fflush(stdout);
    if (threads > 1 && ran->alerts != alerts) {
      std::cerr << "the alerts differ between 1 and " << threads << " threads\n";
      return false;
    }
    alerts = ran->alerts;
  }
  return true;
}

int run(const Options& options, const fs::path& directory) {
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "costdrift";
  std::printf("    events  threads  decode alone/s    replay/s  ratio  most MiB  alerts\n");
  std::vector<int> lengths = {options.days};
  if (options.growth > 1) lengths.push_back(options.days * options.growth);
  for (const int days : lengths) {
    const Log log = write_log(options, days, directory / std::to_string(days));
    const bool measured = measure(program, log, directory);
    fs::remove_all(directory / std::to_string(days));
    if (measured) continue;
    std::cerr << "a replay failed; is " << program.string() << " built, and is there room in " << directory << "?\n";
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace costdrift

int main(int argc, char** argv) {
  costdrift::Options options;
  options.directory = costdrift::fs::temp_directory_path();
  CLI::App app("Speed and memory of costdrift replay beside decoding alone");
  app.add_option("--days", options.days,
                 "days of the demo's traffic in the short log, the last with its incidents (default 3)");
  app.add_option("--growth", options.growth, "how many times longer the long log is; 1: none (default 4)");
  app.add_option("--partitions", options.partitions, "files (default 4)");
  app.add_option("--volume", options.volume, "times the demo's calls (default 1)");
  app.add_option("--directory", options.directory, "where the logs are written, 400 bytes an event");
  CLI11_PARSE(app, argc, argv);
  std::string own = options.directory + "/costdrift-speed-XXXXXX";
  if (mkdtemp(own.data()) == nullptr) return 1;
  const int status = costdrift::run(options, own);
  costdrift::fs::remove_all(own);
  return status;
}
