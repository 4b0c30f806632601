// take_snapshot: what the HTTP threads may know of the stream thread's objects right now. What has not changed since
// `previous` (nullptr: nothing was taken before) is shared with it.
#pragma once

#include <memory>

#include "daemon/http/api_snapshot.h"
#include "daemon/pipeline.h"
#include "daemon/run_loop.h"

namespace costdrift::daemon {

std::shared_ptr<ApiSnapshot> take_snapshot(const Pipeline& pipeline, const RunLoop& loop,
                                           const LogSource::Health& health, std::vector<SinkStatistics> sinks,
                                           const ApiSnapshot* previous);

void note_dead_letters(ApiSnapshot& snapshot, DeadLetterStatistics statistics);

}  // namespace costdrift::daemon
