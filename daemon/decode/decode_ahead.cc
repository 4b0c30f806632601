#include "daemon/decode/decode_ahead.h"

#include <pthread.h>

#include <utility>

namespace costdrift::daemon {

core::Result<std::unique_ptr<DecodeAhead>> DecodeAhead::start(const config::Settings& settings, const PriceBook& prices,
                                                              int threads) {
  std::unique_ptr<DecodeAhead> ahead(new DecodeAhead(prices));
  for (int i = 0; i < threads; ++i) {
    auto decoders = Decoders::make(settings);
    if (!decoders) return decoders.error();
    ahead->threads_.emplace_back([&ahead = *ahead, mine = *std::move(decoders)]() mutable { ahead.work(mine); });
    pthread_setname_np(ahead->threads_.back().native_handle(), "decode");
  }
  return ahead;
}

DecodeAhead::~DecodeAhead() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  submitted_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void DecodeAhead::submit(std::unique_ptr<DecodedBatch> batch) {
  auto job = std::make_shared<Job>(Job{std::move(batch)});
  ++in_flight_;
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(job);
    order_.push_back(std::move(job));
  }
  submitted_.notify_one();
}

std::unique_ptr<DecodedBatch> DecodeAhead::take() {
  std::unique_lock lock(mutex_);
  const auto job = order_.front();
  decoded_.wait(lock, [&] { return job->done; });
  order_.pop_front();
  --in_flight_;
  return std::move(job->batch);
}

void DecodeAhead::work(Decoders& decoders) {
  std::unique_lock lock(mutex_);
  while (true) {
    submitted_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    const auto job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job->batch->decode(decoders, prices_);
    lock.lock();
    job->done = true;
    decoded_.notify_one();
  }
}

}  // namespace costdrift::daemon
