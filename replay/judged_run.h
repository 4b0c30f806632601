// JudgedRun: what one configuration made of a log, gathered while it is replayed, and the reports that come of it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "replay/listeners.h"
#include "replay/miss_watch.h"
#include "replay/report_html.h"
#include "replay/spend_curve.h"

namespace costdrift::replay {

class JudgedRun {
 public:
  // The labels outlive the object.
  JudgedRun(std::string config, const std::vector<IncidentLabel>& labels)
      : config_(std::move(config)), labels_(labels), misses_(labels), keeper_(*this) {}
  JudgedRun(const JudgedRun&) = delete;
  JudgedRun& operator=(const JudgedRun&) = delete;

  void add(const core::AlertEvent& event) { told_.add(event); }
  void refresh(const core::AlertEvent& event) { told_.refresh(event); }
  // For the replay: what it needs to be judged, to be drawn, and `other`, which may be null.
  Listeners listeners(bool judged, bool drawn, daemon::PipelineListener* other);
  // Before the replay: goes on with what was gathered into the state, and keeps there what is gathered from now on;
  // needs everything of listeners(). Errors: as resumes_report(); bad_data: a row of another version.
  core::Result<void> keep_in(state::Store& store);
  ReplayOutcome outcome(const config::Settings& settings) const;
  const SpendCurve& spend() const { return spend_; }
  const SeriesCurves& curves() const { return curves_; }

 private:
  class Keeper final : public daemon::PipelineListener {
   public:
    explicit Keeper(JudgedRun& run) : run_(run) {}
    void on_commit(state::Store& store) override { run_.save(store); }

   private:
    JudgedRun& run_;
  };
  void save(state::Store& store);

  std::string config_;
  const std::vector<IncidentLabel>& labels_;
  ToldIncidents told_;
  MissWatch misses_;
  SpendCurve spend_;
  SeriesCurves curves_;
  Keeper keeper_;
  bool keeps_ = false;
};

// Whether any form of the report is asked for.
bool wants_reports(const ReplayOptions& options);
// How many forms of the report go to standard output.
int reports_to_output(const ReplayOptions& options);
// Error (io): a file cannot be written.
core::Result<void> write_reports(const ReplayOptions& options, const ReplayReport& report, const SeriesCurves& curves);
// Error (io). "-" is standard output; an empty path is nothing to do.
core::Result<void> write_text(const std::string& path, const std::string& text);
// The scorecard in a few lines: what was found, and each miss with its reason.
void print_misses(const ReplayReport& report, std::ostream& out);

}  // namespace costdrift::replay
