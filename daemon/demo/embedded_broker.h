// EmbeddedBroker: librdkafka's mock Kafka cluster in a child process, on a loopback port, for demo and tests.
//
// A real broker to clients (real TCP, real protocol), but it keeps at most about 5 MiB of compressed batches per
// partition and silently drops older ones: producers must not run further ahead of the consumer than that.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/result.h"

namespace costdrift::daemon {

class EmbeddedBroker {
 public:
  struct Topic {
    std::string name;
    int partitions = 1;
  };
  // Forks the broker. Call before the process starts threads.
  static core::Result<std::unique_ptr<EmbeddedBroker>> start(const Topic& topic, int brokers = 1);
  ~EmbeddedBroker();  // ends the child
  const std::string& bootstrap() const { return bootstrap_; }

 private:
  EmbeddedBroker(std::string bootstrap, int child, int pipe)
      : bootstrap_(std::move(bootstrap)), child_(child), pipe_(pipe) {}
  std::string bootstrap_;
  int child_, pipe_;  // the child ends when the pipe closes, also when we are killed
};

}  // namespace costdrift::daemon
