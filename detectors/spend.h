// spend: dollars per minute of an app, a team or everything, against the weekly profile of the series.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec spend_spec;

}  // namespace costdrift::detectors
