#include "detectors/drift_detector.h"

#include "detectors/drift_judge.h"

namespace costdrift::detectors {

std::unique_ptr<SeriesJudge> DriftDetector::judge(const core::SeriesKey& series) const {
  return std::make_unique<DriftJudge>(model_, series);
}

}  // namespace costdrift::detectors
