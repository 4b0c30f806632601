// SeriesCurves: what each (app, model) series did over a replay, in slots of a quarter of an hour, for the charts of
// incidents.
//
// Memory  about 250 bytes a slot with calls; at most 2,000 series, the first that appear.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/alert_event.h"
#include "daemon/pipeline_listener.h"

namespace costdrift::replay {

// One curve: values at `begin`, `begin + step`, ...; nullopt where there were no calls.
struct Curve {
  std::string quantity;  // "input tokens per call", "dollars per hour"
  core::EventTime begin;
  core::Duration step;
  std::vector<std::optional<double>> values;
  // The middle 80 % of the values before the onset, and the alert's expectation if it is of this quantity.
  std::optional<double> usual_low, usual_high, expected;
};

class SeriesCurves final : public daemon::PipelineListener {
 public:
  bool wants_buckets() const override { return true; }
  void on_bucket(const core::SeriesKey& series, const core::ClosedBucket& bucket,
                 std::span<const daemon::JudgeStanding> standings) override;

  // What is new, and all of it again (replay/gathered.h).
  void save(state::Store& store);
  bool load(const state::Store& store);

  // The quantity that the incident is about, or dollars per hour, from two days before the onset to half a day after
  // its end, at most 300 values. nullopt: calls of teams and providers are not kept apart.
  std::optional<Curve> of_incident(const core::AlertEvent& newest) const;

 private:
  struct Series {
    core::SeriesKey key;
    std::map<core::EventTime, core::Totals> slots;
  };
  std::map<core::EventTime, core::Totals> slots_of(const core::SeriesKey& series, core::EventTime from,
                                                   core::EventTime to, core::Duration step) const;

  std::map<std::string, Series, std::less<>> series_;
  core::EventTime unsaved_ = core::EventTime::max();  // slots before are saved as they are
};

}  // namespace costdrift::replay
