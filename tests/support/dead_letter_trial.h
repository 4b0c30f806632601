// DeadLetterTrial: a topic in which some records are rubbish, a daemon that reads it, and its dead-letter topic, which
// must hold each of them as it was. The topics are made by who uses it, the dead-letter topic with one partition.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/support/kafka_records.h"
#include "tests/support/running_daemon.h"

namespace costdrift::tests {

class DeadLetterTrial {
 public:
  DeadLetterTrial(const std::string& bootstrap, const std::string& topic, const std::string& dead_topic);

  // Writes to the topic's two partitions: every thirtieth record is rubbish, of each kind in turn.
  void publish_all();

  // Kills the daemon three times a round, each of which begins from nothing. Expects that none of the rejected records
  // is lost in any round, and the state of an undisturbed run, whose dead letters come once each. Prints the figures.
  void expect_none_lost(int rounds);
  // The dead-letter topic cannot be written: expects that the daemon reads all the same, says so, and keeps all for
  // later.
  void expect_all_kept();
  // It can be now: expects that everything kept comes, once.
  void expect_kept_ones_written();

 private:
  // A rejected record, and where it stood.
  struct Rejected {
    KafkaRecord record;
    std::string place;
  };
  std::vector<KafkaRecord> with_rubbish(std::size_t partition, const std::vector<std::string>& lines);
  std::string finished_dump();
  std::size_t expect_all(std::int64_t first);
  void expect_as_it_was(const Rejected& rejected, const KafkaRecord& copy);
  std::string left() const;

  const std::string bootstrap_, topic_, dead_topic_;
  std::vector<Rejected> rejected_;
  std::int64_t published_ = 0;
  RunningDaemon daemon_;
};

}  // namespace costdrift::tests
