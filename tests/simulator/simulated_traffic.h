// simulated_traffic: a day and a half of two small applications, with a prompt that grows and shrinks again, retries
// that do the same, rubbish, repeated events, late ones, ids in place of an application and a large application that
// comes after them (with limits.max_series 2): few records, but every branch of intake and of the life of an incident.
// The last event of each partition lies an hour behind the others and closes their buckets; its own stays open.
#pragma once

#include "tests/support/traffic_log.h"

namespace costdrift::tests {

TrafficLog simulated_traffic(std::uint64_t seed, int partitions);

}  // namespace costdrift::tests
