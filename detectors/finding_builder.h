// build_finding: from what a judge measured to a Finding: money per hour, owner, samples.
#pragma once

#include "core/finding.h"
#include "detectors/drift_model.h"

namespace costdrift::detectors {

struct FindingInput {
  const DriftModel& model;
  const core::SeriesKey& series;
  core::EventTime now, onset, onset_earliest, onset_latest;
  double log_evidence = 0;
  const Measured& measured;
  const core::BucketSummary& since;   // since onset
  const core::BucketSummary& recent;  // the last ten minutes, for the volume of calls
};

core::Finding build_finding(const FindingInput& input);

// The commonest value (by calls; ties: the smaller) of each dimension that any call gave.
core::AttributeSet commonest_attributes(const core::BucketSummary& summary);

}  // namespace costdrift::detectors
