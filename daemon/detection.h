// Detection: runs the enabled detectors over closed buckets, series by series, and keeps their memory.
//
// Shadow   the judges of shadow detectors see the same buckets and keep memory in the same places, so that they go on
//          when their detector is switched on. They take nothing from the page budget of the others: their own
//          threshold is what it would be if they shared it and changed nothing of the money at risk.
// Threads  the stream thread. A series' memory is read from the store when its first bucket closes after a start.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/closed_bucket.h"
#include "core/finding.h"
#include "core/metric.h"
#include "core/result.h"
#include "daemon/pipeline_listener.h"
#include "detectors/detector.h"
#include "detectors/money_at_risk.h"
#include "detectors/siblings.h"
#include "detectors/simultaneous_alarms.h"
#include "state/tables.h"
#include "state/windows.h"

namespace costdrift::daemon {

struct InstalledDetector {
  std::string name;
  std::unique_ptr<detectors::Detector> detector;
  bool shadow = false;
};
// The enabled detectors. Error (config): what they refuse of their settings, all of it, a line each, after file and
// line.
core::Result<std::vector<InstalledDetector>> make_detectors(const config::Settings& settings);

class Detection {
 public:
  // Builds the enabled detectors. Error (config): as make_detectors(). The settings and the store outlive the object.
  static core::Result<std::unique_ptr<Detection>> make(const config::Settings& settings, state::Store& store);

  // What the windows must observe for the detectors: each metric once, by name.
  std::vector<core::MetricSpec> metrics() const;

  // The kinds of series that some detector judges.
  core::SeriesKinds kinds() const;

  // Counts the judges that the state already knows, and reads what they have in common.
  void load();

  // Appends what the detectors find in one closed bucket of one series: to `findings`, shadow detectors to `shadow`.
  void observe(const core::SeriesKey& series, const core::ClosedBucket& bucket, const state::Windows& windows,
               std::vector<core::Finding>& findings, std::vector<core::Finding>& shadow);

  // Names of the shadow detectors.
  std::vector<std::string> shadow_detectors() const;

  // All buckets that end at `now` were observed: what many series show together counts from the next ones on.
  void bucket_time_ended(core::EventTime now);

  // Where the judges of a series stand after observe(), in the order of the detectors; names live as long as the
  // object.
  void standings(const core::SeriesKey& series, std::vector<JudgeStanding>& out) const;

  // End of the newest closed bucket of the series that some detector judges; EventTime::min() when there is none.
  core::EventTime last_seen(const core::SeriesKey& series, const state::Windows& windows);

  // The detector's judge of the series forgets its baseline and learns the present ("expected").
  void rebase(const core::SeriesKey& series, const std::string& detector, const state::Windows& windows);

  // Puts changed memory into the store.
  void save();

  std::int64_t judges() const { return judges_; }

 private:
  struct SeriesState {
    std::vector<std::unique_ptr<detectors::SeriesJudge>> judges;  // by installed detector; null: does not concern it
    core::SeriesKind kind = core::SeriesKind::app_model;
    std::unique_ptr<core::SeriesHistory> history;
    core::EventTime last_bucket = core::EventTime::min();
    detectors::Stake stake;
    bool dirty = false;
  };
  Detection(const config::Settings& settings, state::Store& store);
  detectors::Budget budget(const SeriesState& state, const InstalledDetector& installed) const;
  void count_stake(const core::ClosedBucket& bucket, SeriesState& state);
  void count_judge(const InstalledDetector& installed);
  bool rebase_judge(const core::SeriesKey& judged, const core::SeriesKey& of, const std::string& detector,
                    const state::Windows& windows);
  void mark_dirty(const core::SeriesKey& series, SeriesState& state);
  SeriesState& state_of(const core::SeriesKey& series, const state::Windows& windows);
  void restore(const core::SeriesKey& series, SeriesState& state);
  void save_series();
  void save_shared();

  const config::Settings& settings_;
  state::RecordTable lanes_, models_;
  std::vector<InstalledDetector> detectors_;
  std::map<std::string, SeriesState, std::less<>> series_;
  std::vector<std::map<std::string, SeriesState, std::less<>>::value_type*> dirty_;
  std::int64_t judges_ = 0, shadow_judges_ = 0;  // those that share the page budget
  std::vector<detectors::Siblings> siblings_;    // by installed detector
  detectors::SimultaneousAlarms simultaneous_;
  detectors::MoneyAtRisk at_risk_;
};

}  // namespace costdrift::daemon
