// DriftJudge: the common kernel at work on one series: baseline, mixture Shiryaev-Roberts lanes, latch, effect,
// reverse test.
//
// Operation  Evidence E is the mixture statistic of the calls since they began to look drifted. It latches when
//            E >= A = (calls a week) * (judges) / (false pages a week): the share of the page budget that this judge
//            has. While latched, onset is fixed and effect and money are estimated anew: every minute for a quarter of
//            an hour, every five minutes for an hour, then every half hour. The latch opens when the reverse test
//            (baseline against the half-way distribution) reaches 1e4, or after 48 h of an effect too small to matter.
// Limits     silent for the first 24 h of a series and until the baseline is ready. The first day is learned whatever
// it
//            shows: against a baseline of a few hours, any ordinary day looks suspect.
// Memory     24 + a few doubles; baseline and latch in the model part.
#pragma once

#include <optional>
#include <vector>

#include "detectors/baseline.h"
#include "detectors/detector.h"
#include "detectors/drift_model.h"
#include "detectors/stats/shiryaev_roberts.h"

namespace costdrift::detectors {

class DriftJudge final : public SeriesJudge {
 public:
  // `model` outlives the judge. A bucket without the metric changes nothing.
  DriftJudge(const DriftModel& model, core::SeriesKey series) : model_(model), series_(std::move(series)) {}

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override;
  void rebase() override;
  void save_lanes(core::ByteWriter& out) const override;
  void save_model(core::ByteWriter& out) const override;
  bool model_changed() const override { return model_changed_; }
  void model_saved() override { model_changed_ = false; }
  bool restore(std::string_view lanes, std::string_view model) override;
  std::size_t memory_bytes() const override;

  // What is normal for the series; for detectors that judge single runs against it.
  const Baseline& baseline() const { return baseline_; }
  bool latched() const { return latch_.has_value(); }

 private:
  struct Latch {
    core::EventTime since;  // when the evidence crossed
    core::EventTime onset, onset_earliest, onset_latest;
    core::EventTime next_estimate;
    bool material = false;
    stats::SingleSr reverse;
    std::vector<double> reverse_log_ratio;  // per group of the table
    core::Finding finding;                  // the newest estimate
  };

  void roll_hour(const Observation& observation);
  void weigh(const Observation& observation, const core::Counts& counts);
  double log_threshold(const Budget& budget) const;
  void latch(const Observation& observation);
  void estimate(const Observation& observation);
  std::optional<core::Finding> follow(const Observation& observation, const core::Counts& counts);
  void prepare_reverse(const core::Counts& since);
  void unlatch(bool forget_since_onset);

  const DriftModel& model_;
  core::SeriesKey series_;
  Baseline baseline_;
  stats::MixtureSr lanes_;
  core::EventTime last_end_ = core::EventTime::min();
  core::EventTime hour_ = core::EventTime::min();  // the hour that is being filled
  double hour_peak_ = -1e9;                        // highest evidence in it
  std::optional<Latch> latch_;
  bool model_changed_ = false;
};

}  // namespace costdrift::detectors
