// Producer: publishes ready-made events to given partitions, fast, for the demo, tests and benchmarks.
//
// Operation  send() copies the event into librdkafka's queue (lz4 batches, 5 ms linger) and waits while that is full:
//            back-pressure comes from the broker. send_all() is the cheaper way for many events of one partition. What
//            the broker refused for good is counted, never silent.
// Threads    one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/clock.h"
#include "core/result.h"
#include "core/time.h"

namespace costdrift::daemon {

class Producer {
 public:
  // Error (unavailable): librdkafka's text. Contacts nothing yet.
  static core::Result<std::unique_ptr<Producer>> start(const std::string& bootstrap, const std::string& topic);
  ~Producer();  // what is not flushed is dropped

  // The record's timestamp is now unless given. Error (unavailable): the record can never be sent, or no room came
  // within ten seconds.
  core::Result<void> send(std::int32_t partition, std::string_view value,
                          std::optional<core::WallTime> timestamp = std::nullopt);

  // The same for a list of events, with the time of now. An error leaves the first of them sent.
  core::Result<void> send_all(std::int32_t partition, std::span<const std::string_view> values);

  // Waits until the broker has everything. Error (unavailable): it has not within `patience`, or refused some.
  core::Result<void> flush(core::Duration patience);

  std::int64_t delivered() const;
  std::int64_t refused() const;
  std::int64_t waiting() const;  // sent and not yet answered

 private:
  struct Impl;
  explicit Producer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::daemon
