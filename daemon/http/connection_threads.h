// ConnectionThreads: runs jobs on threads that are started only when no idle one is left, up to a limit.
//
// Threads  try_run() from one thread; stop() once, from any thread but the jobs'.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace costdrift::daemon {

class ConnectionThreads {
 public:
  explicit ConnectionThreads(std::size_t max_jobs) : max_jobs_(max_jobs) {}
  ~ConnectionThreads() { stop(); }

  // False: max_jobs are running or waiting; the job was not taken.
  bool try_run(std::function<void()> job);
  // Waits for the jobs that were taken and ends the threads.
  void stop();

 private:
  void work();

  const std::size_t max_jobs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace costdrift::daemon
