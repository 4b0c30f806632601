// KafkaSource: a librdkafka consumer behind LogSource.
//
// Offsets come from the handler (RocksDB), never from the broker, and none are committed to it: lag is in /metrics
// (costdrift_consumer_lag_records). With kafka.group_id empty, partitions are assigned by hand (all of every topic, or
// the configured list); with a group, cooperative-sticky with explicit incremental assign.
//
// One librdkafka queue per partition: the source reads the partition whose events are oldest first, so that catching up
// on days of history keeps few buckets open without pausing (pause/resume of librdkafka 2.0.2 re-reads).
//
// Threads  poll() and close() from the stream thread; health() from any.
#pragma once

#include <memory>

#include "config/settings.h"
#include "daemon/log_source.h"

namespace costdrift::daemon {

// Error (config): an unknown property, or one that costdrift must set itself (enable.auto.commit,
// enable.auto.offset.store, auto.offset.reset). An unreachable broker is not an error here: see health().
core::Result<std::unique_ptr<LogSource>> make_kafka_source(const config::KafkaSettings& settings,
                                                           const core::Clock& clock);

}  // namespace costdrift::daemon
