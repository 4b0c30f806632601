// Snapshots as the running daemon publishes them, for the tests of HTTP, metrics and the page.
#pragma once

#include "daemon/http/api_snapshot.h"

namespace costdrift::tests {

// Two open incidents, two resolved ones, two partitions, three sinks of which one is in trouble.
daemon::ApiSnapshot sample_snapshot();

// The sample with names that somebody chose to break the page, the log or the metrics.
daemon::ApiSnapshot hostile_snapshot();

// Running, connected, and nothing drifts.
daemon::ApiSnapshot quiet_snapshot();

core::AlertEvent sample_alert();

}  // namespace costdrift::tests
