// DeadLetters: rejected records on their way to the dead-letter topic, so that a crash loses none of them.
//
// Operation  keep() puts a record into the store beside the position behind it: both become durable in one commit.
//            After it committed() hands the new ones to the topic; before the next one settle() erases those that a
//            broker has acknowledged, or refused for good. load() hands over what an earlier run left.
// Errors     none: a topic that cannot be written delays nothing. What is over the limits is counted and not kept; it
//            is still where it was read.
// Threads    the stream thread.
// Limits     at least once: after a crash between the acknowledgement and the commit behind it a record is written
//            again, with the same source headers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "daemon/dead_letters/dead_letter.h"
#include "daemon/decode/decoded_batch.h"
#include "state/tables.h"

namespace costdrift::daemon {

// Where dead letters go: Kafka (daemon/dead_letters/dead_letter_producer.h), or a list in tests. Called from the stream
// thread; nothing here waits.
class DeadLetterTopic {
 public:
  virtual ~DeadLetterTopic() = default;
  virtual void send(std::vector<DeadLetter> letters) = 0;
  struct Settled {
    std::string key;  // dead_letter_key()
    std::size_t bytes = 0;
    bool written = false;  // false: refused for good
  };
  // Those that need no more work since the last call.
  virtual std::vector<Settled> take_settled() = 0;
  // Why nothing can be written now, as one sentence; empty when fine.
  virtual std::string problem() const = 0;
};

struct DeadLetterLimits {
  std::int64_t letters = 10'000;
  std::size_t bytes = 64 << 20;
  std::size_t bytes_each = 1 << 20;  // brokers take no longer records unless told to
};

struct DeadLetterStatistics {
  std::int64_t written = 0, pending = 0;
  std::int64_t too_many = 0, too_large = 0, refused = 0;  // given up
  std::string problem;
};

class DeadLetters {
 public:
  DeadLetters(state::Store& store, DeadLetterTopic& topic, DeadLetterLimits limits = {});

  void load();
  // A record of which at least one event was rejected. `epoch`: state::Position::log_epoch.
  void keep(const TopicPartition& source, std::int64_t epoch, const DecodedRecord& record);
  void settle();
  void committed();
  // So many wait for a commit that it should come early, or the limits are reached between two.
  bool many_uncommitted() const { return fresh_.size() >= kManyUncommitted; }
  DeadLetterStatistics statistics() const;

 private:
  static constexpr std::size_t kManyUncommitted = 2'000;

  state::RecordTable rows_;
  DeadLetterTopic& topic_;
  const DeadLetterLimits limits_;
  std::vector<DeadLetter> fresh_;  // not committed yet
  std::size_t pending_bytes_ = 0;
  DeadLetterStatistics statistics_;
};

}  // namespace costdrift::daemon
