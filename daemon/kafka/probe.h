// KafkaProbe: a thread for the two questions to the brokers that librdkafka can only ask by waiting.
//
// Metadata  which of the topics exist, with how many partitions: at once, then every `refresh`; every half second while
//           a topic is missing or no broker answers.
// Poke      librdkafka 2.0.2 looks only once a second whether a full queue has room again (no fetch.queue.backoff.ms).
//           Any request to the partition's leader makes it look now; the cheapest is to ask for the ends of the log.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/kafka/wakeup.h"
#include "daemon/log_source.h"

using rd_kafka_t = struct rd_kafka_s;

namespace costdrift::daemon {

// What the log of a partition holds: offsets [low, high).
struct LogRange {
  std::int64_t low = 0, high = 0;
};

// Asks the leader and waits for the answer; nullopt: none within `patience`.
std::optional<LogRange> ask_log_range(rd_kafka_t* consumer, const TopicPartition& partition, core::Duration patience);

class KafkaProbe {
 public:
  struct Answer {
    bool broker_answered = false;
    std::map<std::string, int> partitions;  // by topic that exists
    std::vector<std::string> missing;       // topics that do not exist (yet)
    std::string problem;                    // another reason why a topic is not known; empty: none
  };

  // `consumer` and `wakeup` outlive the probe; an answer signals the wake-up.
  KafkaProbe(rd_kafka_t* consumer, std::vector<std::string> topics, core::Duration refresh, const KafkaWakeup& wakeup);
  ~KafkaProbe();  // waits for the question in flight: one second at most

  // The newest answer since the last call. Threads: any.
  std::optional<Answer> take();
  // Ask for the metadata soon (within half a second), whatever `refresh` says. Threads: any.
  void hurry();
  // Does nothing while an earlier one is under way. Threads: any.
  void poke(const TopicPartition& partition);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::daemon
