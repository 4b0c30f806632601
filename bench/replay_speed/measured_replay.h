// A replay as a child process, watched: how fast it is and how much memory it takes as it goes; and decoding alone, on
// the same files, to compare it with.
//
// Threads  one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "bench/replay_speed/generated_log.h"

namespace costdrift::bench {

// Events a second of one thread that reads the files and decodes each line; nullopt when a file cannot be read.
std::optional<double> decode_alone(const GeneratedLog& log);

struct ReplaySetup {
  std::filesystem::path program;    // costdrift
  std::filesystem::path directory;  // for configuration, alerts and report
  int threads = 0;                  // that decode; 0: as many as the program chooses
  bool state_on_disk = false;       // in `directory`
  bool report = false;              // a report beside the alerts
};

struct MeasuredReplay {
  double events_a_second = 0;
  // The most until a quarter and half of the time had passed, and of all.
  long quarter_kib = 0, half_kib = 0, most_kib = 0;
  std::int64_t state_bytes = 0;  // of the directory at the end
  std::string alerts;
};

// nullopt: it failed; what it said is on standard error.
std::optional<MeasuredReplay> measured_replay(const ReplaySetup& setup, const GeneratedLog& log);

}  // namespace costdrift::bench
