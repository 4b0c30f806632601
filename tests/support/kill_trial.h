// kill_trial: a daemon that is killed at random moments again and again must end as one that was never killed.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/support/http_stub.h"
#include "tests/support/running_daemon.h"

namespace costdrift::tests {

// The log, of `records` records, has been published; the daemon's sinks post to `webhooks`. It is read once
// undisturbed, then with `kills` SIGKILLs (more when none hit the reading) in rounds that each begin from nothing.
// Expects after each round the same state, for each webhook the same newest notifications, and at most one repeated
// post a kill. Prints how many kills, rounds, posts, losses and repetitions there were.
void expect_kills_leave_no_trace(RunningDaemon& daemon, std::int64_t records,
                                 const std::vector<const HttpStub*>& webhooks, int kills);

}  // namespace costdrift::tests
