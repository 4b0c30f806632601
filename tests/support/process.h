// Process: a child program under test: start, signal, await its end, with its output in files.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace costdrift::tests {

class Process {
 public:
  // argv[0] is the program's path. Standard output and error go to the files (empty: /dev/null). The child dies with
  // us.
  Process(const std::vector<std::string>& argv, const std::string& stdout_path, const std::string& stderr_path);
  ~Process();  // SIGKILL if it still runs
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void signal(int number);
  // Exit status (128 + signal when killed); nullopt when it still runs after `patience`.
  std::optional<int> wait(std::chrono::milliseconds patience);
  bool running();
  int pid() const { return pid_; }

 private:
  int pid_ = -1;
  std::optional<int> status_;
};

// Runs to the end and returns the exit status; standard output in `out`, standard error in `err` when given.
int run(const std::vector<std::string>& argv, std::string* out = nullptr, std::string* err = nullptr);

std::string read_file(const std::string& path);

}  // namespace costdrift::tests
