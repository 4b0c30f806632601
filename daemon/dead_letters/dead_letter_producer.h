// DeadLetterProducer: dead letters to a Kafka topic, on a thread of its own.
//
// Operation  an idempotent librdkafka producer with acks=all and the connection properties of kafka.properties. A
//            letter whose sending failed is sent again after 1 s, doubling to 60 s; one that the broker refuses for
//            what it is (too large, no key on a compacted topic) is given up. After a fatal error of the client a new
//            one is made (librdkafka #4438). The topic is not created, and letters wait for one that does not exist.
// Threads    everything from the stream thread; none of it waits but stop().
// Limits     at most 1,000 letters are with the client at a time.
#pragma once

#include <memory>
#include <string>

#include "config/settings.h"
#include "daemon/dead_letters/dead_letters.h"

namespace costdrift::daemon {

class DeadLetterProducer final : public DeadLetterTopic {
 public:
  // kafka.dead_letter_topic is not empty. Contacts nothing yet. Errors (config): librdkafka does not know a property,
  // or the topic cannot have that name. `version` is the program's.
  static core::Result<std::unique_ptr<DeadLetterProducer>> start(const config::KafkaSettings& settings,
                                                                 std::string version);
  ~DeadLetterProducer() override;

  void send(std::vector<DeadLetter> letters) override;
  std::vector<Settled> take_settled() override;
  std::string problem() const override;

  // Sends what can be sent until then, without waiting for a topic that cannot be written.
  void begin_stop(core::Duration patience);
  // Waits for the end of it, and about a second for the client's.
  void finish_stop();

 private:
  struct Impl;
  explicit DeadLetterProducer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::daemon
