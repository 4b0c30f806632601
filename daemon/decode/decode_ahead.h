// DecodeAhead: decodes batches of records on threads of its own, while the stream thread counts the batches before.
//
// Batches come back in the order in which they were given, decoded the same by one thread or many: the number of
// threads never changes a result.
// Threads  submit(), take() and the rest from one thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "daemon/decode/decoded_batch.h"

namespace costdrift::daemon {

class DecodeAhead {
 public:
  // `threads` >= 1. The prices outlive the object. Error (config): a topic's format is unknown.
  static core::Result<std::unique_ptr<DecodeAhead>> start(const config::Settings& settings, const PriceBook& prices,
                                                          int threads);
  // Batches that were not taken are dropped.
  ~DecodeAhead();
  DecodeAhead(const DecodeAhead&) = delete;
  DecodeAhead& operator=(const DecodeAhead&) = delete;

  void submit(std::unique_ptr<DecodedBatch> batch);
  // The oldest batch; waits until it is decoded. Only when in_flight() > 0.
  std::unique_ptr<DecodedBatch> take();
  // Submitted and not taken.
  std::size_t in_flight() const { return in_flight_; }
  // So many in flight keep every thread busy.
  std::size_t enough() const { return threads_.size() + 1; }

 private:
  struct Job {
    std::unique_ptr<DecodedBatch> batch;
    bool done = false;
  };
  explicit DecodeAhead(const PriceBook& prices) : prices_(prices) {}
  void work(Decoders& decoders);

  const PriceBook& prices_;
  std::size_t in_flight_ = 0;
  std::mutex mutex_;
  std::condition_variable submitted_, decoded_;
  bool ending_ = false;
  std::deque<std::shared_ptr<Job>> waiting_;  // for a thread
  std::deque<std::shared_ptr<Job>> order_;    // to be taken
  std::vector<std::thread> threads_;
};

}  // namespace costdrift::daemon
