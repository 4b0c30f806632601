#include "bench/replay_speed/measured_replay.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "daemon/decode/decode.h"
#include "replay/event_files.h"

namespace costdrift::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr int kLookMilliseconds = 100;

class Count final : public daemon::EventHandler {
 public:
  void on_event(const core::UsageEvent&) override { ++events; }
  void on_rejected(daemon::RejectReason, std::string_view) override {}
  std::int64_t events = 0;
};

std::string contents(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

long resident_kib(pid_t child) {
  std::ifstream statm("/proc/" + std::to_string(child) + "/statm");
  long pages = 0, resident = 0;
  statm >> pages >> resident;
  return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

std::int64_t bytes_below(const fs::path& directory) {
  std::int64_t sum = 0;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(directory, error)) {
    if (entry.is_regular_file(error)) sum += static_cast<std::int64_t>(entry.file_size(error));
  }
  return sum;
}

std::vector<std::string> words_of(const ReplaySetup& setup, const GeneratedLog& log) {
  const fs::path config = setup.directory / "costdrift.yaml";
  std::ofstream(config) << "kafka: {brokers: unused, topics: [{name: llm.usage}]}\nstate: {path: /unused}\nsinks: {}\n";
  std::vector<std::string> words = {setup.program, "replay",   "--config",
                                    config,        "--alerts", setup.directory / "alerts.jsonl"};
  if (setup.threads > 0) words.insert(words.end(), {"--threads", std::to_string(setup.threads)});
  if (setup.state_on_disk) words.insert(words.end(), {"--state", setup.directory / "state"});
  if (setup.report) words.insert(words.end(), {"--report", setup.directory / "report.html"});
  words.push_back("--events");
  words.insert(words.end(), log.paths.begin(), log.paths.end());
  return words;
}

// What it says goes to the file.
pid_t start(std::vector<std::string> words, const fs::path& said) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  if (std::freopen(said.c_str(), "w", stderr) == nullptr) _exit(126);
  execv(argv[0], argv.data());
  _exit(127);
}

// How much memory the child has, looked at until it ends.
std::vector<long> watch(pid_t child) {
  std::vector<long> looks;
  const int ended = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  if (ended < 0) return looks;
  pollfd waiting{.fd = ended, .events = POLLIN, .revents = 0};
  while (poll(&waiting, 1, kLookMilliseconds) == 0) looks.push_back(resident_kib(child));
  close(ended);
  return looks;
}

long most_until(const std::vector<long>& looks, std::size_t part, std::size_t of) {
  const auto end = looks.begin() + static_cast<std::ptrdiff_t>(looks.size() * part / of);
  return end == looks.begin() ? 0 : *std::max_element(looks.begin(), end);
}

}  // namespace

std::optional<double> decode_alone(const GeneratedLog& log) {
  const auto decoder = daemon::make_decoder("canonical", {});
  if (!decoder) return std::nullopt;
  Count count;
  const auto begin = Clock::now();
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
  return static_cast<double>(count.events) / Seconds(Clock::now() - begin).count();
}

std::optional<MeasuredReplay> measured_replay(const ReplaySetup& setup, const GeneratedLog& log) {
  const fs::path said = setup.directory / "said.txt";
  const auto begin = Clock::now();
  const pid_t child = start(words_of(setup, log), said);
  if (child < 0) return std::nullopt;
  const auto looks = watch(child);
  int status = 0;
  rusage used{};
  if (wait4(child, &status, 0, &used) != child || status != 0) {
    std::cerr << contents(said);
    return std::nullopt;
  }
  const Seconds took = Clock::now() - begin;
  return MeasuredReplay{.events_a_second = static_cast<double>(log.events) / took.count(),
                        .quarter_kib = most_until(looks, 1, 4),
                        .half_kib = most_until(looks, 1, 2),
                        .most_kib = used.ru_maxrss,
                        .state_bytes = bytes_below(setup.directory / "state"),
                        .alerts = contents(setup.directory / "alerts.jsonl")};
}

}  // namespace costdrift::bench
