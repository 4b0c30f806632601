// The librdkafka properties that a Kafka source runs with: costdrift's defaults, then kafka.properties on top.
//
// Three properties are forced, because counting every event once depends on them (enable.auto.commit,
// enable.auto.offset.store, auto.offset.reset), and a few more carry costdrift's own settings or feed its health
// report. `KEY_file: PATH` (or KEY.file) in kafka.properties reads the value of KEY from a file, for passwords.
#pragma once

#include <map>
#include <string>

#include "config/settings.h"
#include "core/result.h"

namespace costdrift::daemon {

using KafkaProperties = std::map<std::string, std::string>;

// Error (config): a property that costdrift sets itself, a property given twice, or a secret file that cannot be used.
// Whether a key exists is librdkafka's to say, when the consumer is made.
core::Result<KafkaProperties> kafka_properties(const config::KafkaSettings& settings, const std::string& host);

// Of a producer to the same brokers: what is about the connection, and what makes it write every record once.
KafkaProperties producer_properties(const KafkaProperties& source);

// Every partition has its own queue, so the bound on fetched bytes holds per partition: divides
// queued.max.messages.kbytes by `partitions`, and asks for no larger pieces than that.
void share_queue_memory(KafkaProperties& properties, int partitions);

}  // namespace costdrift::daemon
