#include "daemon/http/connection_threads.h"

namespace costdrift::daemon {

bool ConnectionThreads::try_run(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  const std::size_t jobs = running_ + waiting_.size();
  if (jobs >= max_jobs_ || stopping_) return false;
  waiting_.push_back(std::move(job));
  if (threads_.size() <= jobs) threads_.emplace_back([this] { work(); });
  changed_.notify_one();
  return true;
}

void ConnectionThreads::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void ConnectionThreads::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const auto job = std::move(waiting_.front());
    waiting_.pop_front();
    ++running_;
    lock.unlock();
    job();
    lock.lock();
    --running_;
  }
}

}  // namespace costdrift::daemon
