// MockKafka: librdkafka's mock cluster of several brokers in a child process, and what can happen to them: stopped,
// down, a partition led by another one.
//
// Limits  start before the process has threads. At most about 5 MiB of compressed batches a partition are kept.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace costdrift::tests {

class MockKafka {
 public:
  MockKafka(const std::string& topic, int partitions, int brokers);
  ~MockKafka();  // ends the child
  MockKafka(const MockKafka&) = delete;
  MockKafka& operator=(const MockKafka&) = delete;

  const std::string& bootstrap() const { return bootstrap_; }

  // Brokers count from 1. Each returns when the cluster has done it.
  void down(int broker) { order("down " + std::to_string(broker)); }
  void up(int broker) { order("up " + std::to_string(broker)); }
  void lead(int partition, int broker) { order("lead " + std::to_string(partition) + " " + std::to_string(broker)); }
  void add_topic(const std::string& topic, int partitions) {
    order("topic " + std::to_string(partitions) + " 0 " + topic);
  }
  // As if the topic were not there; it keeps what it holds.
  void hide_topic(const std::string& topic) { order("hide 1 0 " + topic); }
  void show_topic(const std::string& topic) { order("hide 0 0 " + topic); }
  // SIGSTOP: connections stay and nothing answers.
  void stop_for(std::chrono::milliseconds time);

 private:
  void order(const std::string& what);

  std::string bootstrap_;
  int child_ = -1, orders_ = -1, answers_ = -1;
};

}  // namespace costdrift::tests
