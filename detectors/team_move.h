// Detector team_move: an application that another team answers for now. Its dollars went with it: nothing has become
// dearer, so the rise of the new team's spend is a move and not a drift.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec team_move_spec;

}  // namespace costdrift::detectors
