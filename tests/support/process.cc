#include "tests/support/process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/support/await.h"
#include "tests/support/temp_dir.h"

namespace costdrift::tests {
namespace {

void redirect(const std::string& path, int descriptor) {
  const int file = open(path.empty() ? "/dev/null" : path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (file >= 0) dup2(file, descriptor);
}

}  // namespace

Process::Process(const std::vector<std::string>& argv, const std::string& stdout_path, const std::string& stderr_path) {
  std::vector<char*> arguments;
  for (const auto& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  redirect(stdout_path, STDOUT_FILENO);
  redirect(stderr_path, STDERR_FILENO);
  execv(arguments[0], arguments.data());
  _exit(127);
}

Process::~Process() {
  if (running()) {
    signal(SIGKILL);
    wait(std::chrono::seconds(10));
  }
}

void Process::signal(int number) {
  if (running()) kill(pid_, number);
}

bool Process::running() {
  int raw = 0;
  if (!status_ && waitpid(pid_, &raw, WNOHANG) == pid_) {
    status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  }
  return !status_;
}

std::optional<int> Process::wait(std::chrono::milliseconds patience) {
  (void)await([this] { return !running(); }, patience);
  return status_;
}

int run(const std::vector<std::string>& argv, std::string* out, std::string* err) {
  const TempDir directory;
  Process process(argv, directory.file("out"), directory.file("err"));
  const auto status = process.wait(std::chrono::minutes(5));
  if (out != nullptr) *out = read_file(directory.file("out"));
  if (err != nullptr) *err = read_file(directory.file("err"));
  return status.value_or(-1);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace costdrift::tests
