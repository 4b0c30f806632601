// measure_drift: the effect and the dollars of a drift, measured in the way in which it was found.
#pragma once

#include "detectors/drift_model.h"
#include "detectors/mode_watch.h"

namespace costdrift::detectors {

// `since` holds at least one observation of the metric. With one mode: against the baseline. With several: against the
// mixture of modes that the calls would be without the drift; a shape never seen before, a level shift and a slow creep
// by means. `usual_mean`: kinds level and crept only.
Measured measure_drift(const DriftModel& model, const Baseline& baseline, const ModeWatch& watch, DriftKind kind,
                       double usual_mean, const core::BucketSummary& since);

}  // namespace costdrift::detectors
