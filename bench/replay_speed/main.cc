// How fast `costdrift replay` is beside decoding alone, on the same files in the same run, how much memory it takes as
// the log grows, and whether its bytes depend on threads. Runs the program that lies beside this one.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "bench/replay_speed/measured_replay.h"

namespace costdrift::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kMonth = 30;
constexpr long kMiB = 1 << 20;

struct Options {
  LogShape shape;
  int growth = 4;
  std::int64_t events = 0;  // one log of about so many
  bool in_memory = false;
  std::string directory;
};

long lines_of(const std::string& text) { return static_cast<long>(std::count(text.begin(), text.end(), '\n')); }

// One row a number of threads; false when something failed or the bytes differ.
bool measure(const fs::path& program, const GeneratedLog& log, const fs::path& directory) {
  const auto alone = decode_alone(log);
  if (!alone) return false;
  std::string alerts;
  for (const int threads : {1, 2}) {
    const auto ran = measured_replay({.program = program, .directory = directory, .threads = threads}, log);
    if (!ran) return false;
    std::printf("%10lld  %7d  %14.0f  %10.0f  %5.2f  %8ld  %6ld\n", static_cast<long long>(log.events), threads, *alone,
                ran->events_a_second, ran->events_a_second / *alone, ran->most_kib / 1024, lines_of(ran->alerts));
    std::fflush(stdout);
    if (threads > 1 && ran->alerts != alerts) {
      std::cerr << "the alerts differ between 1 and " << threads << " threads\n";
      return false;
    }
    alerts = ran->alerts;
  }
  return true;
}

bool measure_growth(const Options& options, const fs::path& program, const fs::path& directory) {
  std::printf("    events  threads  decode alone/s    replay/s  ratio  most MiB  alerts\n");
  std::vector<int> lengths = {options.shape.days};
  if (options.growth > 1) lengths.push_back(options.shape.days * options.growth);
  for (const int days : lengths) {
    LogShape shape = options.shape;
    shape.days = days;
    const auto log = write_log(shape, directory / "log");
    const bool measured = log && measure(program, *log, directory);
    fs::remove_all(directory / "log");
    if (!measured) return false;
  }
  return true;
}

// One long log, compressed, judged for a report with its state on disk.
bool measure_long(const Options& options, const fs::path& program, const fs::path& directory) {
  LogShape shape = options.shape;
  shape.compressed = true;
  shape.volume = volume_for(options.events, shape);
  const auto log = write_log(shape, directory / "log");
  if (!log) return false;
  std::printf("%lld events over %d days in %lld MiB\n", static_cast<long long>(log->events), shape.days,
              static_cast<long long>(log->bytes / kMiB));
  const auto alone = decode_alone(*log);
  if (!alone) return false;
  std::printf("decode alone/s  %12.0f\n", *alone);
  std::fflush(stdout);
  const auto ran = measured_replay(
      {.program = program, .directory = directory, .state_on_disk = !options.in_memory, .report = true}, *log);
  if (!ran) return false;
  std::printf("replay/s        %12.0f\nratio           %12.2f\n", ran->events_a_second, ran->events_a_second / *alone);
  std::printf("most MiB until a quarter %ld, half %ld, the end %ld\n", ran->quarter_kib / 1024, ran->half_kib / 1024,
              ran->most_kib / 1024);
  std::printf("state on disk %lld MiB, %ld alert events\n", static_cast<long long>(ran->state_bytes / kMiB),
              lines_of(ran->alerts));
  return true;
}

int run(const Options& options, const fs::path& directory) {
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "costdrift";
  const bool measured =
      options.events > 0 ? measure_long(options, program, directory) : measure_growth(options, program, directory);
  if (measured) return 0;
  std::cerr << "a replay failed; is " << program.string() << " built, and is there room in " << directory << "?\n";
  return 1;
}

}  // namespace
}  // namespace costdrift::bench

int main(int argc, char** argv) {
  costdrift::bench::Options options;
  options.directory = std::filesystem::temp_directory_path();
  CLI::App app("Speed and memory of costdrift replay beside decoding alone");
  auto* days = app.add_option("--days", options.shape.days,
                              "days of the demo's traffic, the last with its incidents (default 3; of one log 30)");
  app.add_option("--growth", options.growth, "how many times longer the long log is; 1: none (default 4)");
  app.add_option("--partitions", options.shape.partitions, "files (default 4)");
  app.add_option("--volume", options.shape.volume, "times the demo's calls (default 1)");
  app.add_option("--events", options.events,
                 "instead: one log of about so many events, 40 bytes each on disk, replayed once with its state on "
                 "disk and a report");
  app.add_flag("--in-memory", options.in_memory, "of that log, keep the state in memory");
  app.add_option("--directory", options.directory, "where logs and state are written, 400 bytes an event");
  CLI11_PARSE(app, argc, argv);
  if (options.events > 0 && days->count() == 0) options.shape.days = costdrift::bench::kMonth;
  std::string own = options.directory + "/costdrift-speed-XXXXXX";
  if (mkdtemp(own.data()) == nullptr) return 1;
  const int status = costdrift::bench::run(options, own);
  std::filesystem::remove_all(own);
  return status;
}
