// build_finding: from what a judge measured to a Finding: money per hour and its split, drivers, owner, samples.
#pragma once

#include <optional>

#include "core/closed_bucket.h"
#include "core/finding.h"
#include "detectors/drift_model.h"

namespace costdrift::detectors {

struct FindingInput {
  const DriftModel& model;
  const core::SeriesKey& series;
  core::EventTime now, onset, onset_earliest, onset_latest;
  double log_evidence = 0;
  const Measured& measured;
  const core::BucketSummary& since;  // since onset
  double calls_per_hour = 0;         // as calls_per_hour() says
  std::optional<double> calls_per_month = std::nullopt;
  // What the bill was; null: the excess is all of the model's own part, and there are no drivers.
  const Baseline* baseline = nullptr;
  // Several modes: two bills differ by what the series does anyway, so only the model's own part is told.
  bool several_modes = false;
  // The series' past, for the drivers of an effect that is material at `min_effect`; null: they are not asked for.
  const core::SeriesHistory* history = nullptr;
  double min_effect = 0;
};

core::Finding build_finding(const FindingInput& input);

// At what rate a drift that began at `onset` meets calls: of the last ten minutes in its first hour, then since the
// onset, or of the last half hour, if these are surely more (by 1.5 standard deviations). Where these minutes begin in a
// pause, of the time since it ended.
double calls_per_hour(const core::SeriesHistory& history, core::EventTime onset, core::EventTime now);

// A month of the calls of the last week, or of the series' age; nullopt in its first day.
std::optional<double> calls_per_month(const core::SeriesHistory& history, core::EventTime first_hour,
                                      core::EventTime now);

// The commonest value (by calls; ties: the smaller) of each dimension that any call gave.
core::AttributeSet commonest_attributes(const core::BucketSummary& summary);

}  // namespace costdrift::detectors
