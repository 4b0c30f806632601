// The daemon's own metrics in the Prometheus text format (docs/METRICS.md lists them; a test compares).
//
// Units   base units: seconds, US dollars, plain counts; names end in what they count.
// Labels  topics, partitions, sinks, detectors, severities and fixed reasons only: never an app, team or model, whose
//         number nobody bounds.
// Unknown what is not known yet (the watermark before the first event) is left out, not zero.
#pragma once

#include <string>

#include "daemon/http/api_snapshot.h"

namespace costdrift::daemon {

std::string render_metrics(const ApiSnapshot& snapshot, core::Duration heartbeat_age);

}  // namespace costdrift::daemon
