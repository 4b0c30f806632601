// find_log_ranges: where in the partitions of the configured topics a span of time lies. Joins no group, commits
// nothing.
//
// Threads  any; waits for the brokers.
#pragma once

#include <map>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/kafka/probe.h"

namespace costdrift::daemon {

// For every partition: from the first record whose broker timestamp is `from` or later, to the end that the log has
// now. An event is published after it happened, so nothing that happened since `from` lies before. Where the broker
// cannot tell (no such timestamp, or none kept), from the first record the log holds. Errors: unavailable (no broker
// answers, a topic does not exist), config.
core::Result<std::map<TopicPartition, LogRange>> find_log_ranges(const config::KafkaSettings& settings,
                                                                 core::EventTime from);

}  // namespace costdrift::daemon
