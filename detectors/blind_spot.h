// Detector blind_spot: what costdrift no longer sees: fields that stopped coming, events recorded twice, late or in the
// future, producers that fell silent. Lost telemetry must never be taken for savings.
#pragma once

#include "detectors/detector.h"

namespace costdrift::detectors {

extern const DetectorSpec blind_spot_spec;

}  // namespace costdrift::detectors
