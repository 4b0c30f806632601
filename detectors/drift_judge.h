// DriftJudge: the common kernel at work on one series: baseline, modes, mixture Shiryaev-Roberts lanes, latch, effect,
// reverse test.
//
// Operation  Two rules look at every bucket. The fast rule: E, the mixture statistic against the pooled baseline,
//            reaches A = (calls a week) * (weeks per false page), the share of the page budget that this judge
//            has; less while many series drift together (simultaneous_alarms.h). On a series with one mode that is
//            enough. On a series with several it only proposes: the calls since the onset must also be beyond the hull
//            of the modes; otherwise the lanes restart. The slow rule (mode_watch.h) tests hours against the hull and
//            window means for a level shift. Either one latches: onset is fixed, and effect and money are estimated
//            anew: every minute for a quarter of an hour, every five minutes for an hour, then every half hour. A
//            finding is below the money gate (a ticket) until enough was lost, except on a series with one mode. While
//            it was never worth a page, a drift of twice the size takes its place (known_drift.h). Once a
//            day the anchor (stats/anchor.h) is asked whether the level has crept away from what it was in the first
//            four weeks; such a drift is told once, and again when it has grown by as much again, because the baseline
//            goes on following it. The latch opens when the reverse test says so, after 48 h of an effect too small to
//            matter, and, if the drift was never worth a page, after 72 h. The last two are learned as normal; what was
//            told is all of the pooled baseline then, as after `expected`.
// Limits     silent for the first 24 h of a series and until the baseline is ready. The first day is learned whatever
//            it shows: against a baseline of a few hours, any ordinary day looks suspect. With siblings (siblings.h)
//            the fast rule speaks from the first hours on, of changes by at least 30 % (lower bound), as tickets until
//            they cost a tenth of a day (drift_judge_first_day.cc).
// Memory     24 + about 130 doubles; baseline, modes and latch in the model part.
#pragma once

#include <optional>
#include <vector>

#include "detectors/baseline.h"
#include "detectors/detector.h"
#include "detectors/drift_model.h"
#include "detectors/known_drift.h"
#include "detectors/mode_watch.h"
#include "detectors/stats/anchor.h"
#include "detectors/stats/shiryaev_roberts.h"

namespace costdrift::detectors {

class DriftJudge final : public SeriesJudge {
 public:
  // `model` outlives the judge. A bucket without the metric changes nothing.
  DriftJudge(const DriftModel& model, core::SeriesKey series)
      : model_(model), series_(std::move(series)), watch_(model) {}

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override;
  std::optional<Standing> standing(const Budget& budget) const override;
  double evidence_margin(const Budget& budget) const override;
  void rebase(const core::SeriesKey& of) override;
  void save_lanes(core::ByteWriter& out) const override;
  void save_model(core::ByteWriter& out) const override;
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
    DriftKind kind = DriftKind::moved;
    double usual_mean = 0;  // kinds level and crept
    double log_evidence = 0;
    bool several_modes = false;
    bool calibrated = false;  // by the fast rule on a series with one mode and little dependence
    bool material = false;
    bool paged = false;     // was worth a page at some time
    bool deferred = false;  // the next estimate, once, because calls have just come back
    stats::SingleSr reverse;
    double reverse_gain = 0;                // nats that the calls since the onset spoke against the baseline, at most
    std::vector<double> reverse_log_ratio;  // as of then; per group of the table; unused with several modes
    KnownDrift known;                       // until it was worth a page
    core::Finding finding;                  // the newest estimate
  };

  void roll_hour(const Observation& observation);
  void weigh(const Observation& observation, const core::Counts& counts);
  double elapsed_s(const Observation& observation) const;  // since the last bucket
  double log_threshold(const Budget& budget) const;
  // ln E from which on an hour is not learned at once.
  double suspect_evidence() const;
  double log_needed(const Budget& budget) const;  // with relief
  bool enough() const { return baseline_.ready() && (model_.enough == nullptr || model_.enough(baseline_)); }
  bool first_day(core::EventTime now) const;
  // Nothing is said: a series that begins without siblings has its first day to itself.
  bool silent(core::EventTime now) const { return first_day(now) && !baseline_.has_siblings(); }
  void meet_siblings(Siblings& siblings);
  void end_first_day();
  bool found_on_first_day(const Observation& observation, const Proposal& proposal);
  core::NanoUsd money_floor(core::EventTime now, const Budget& budget) const;
  // One mode and little dependence: the fast rule's threshold means what it says.
  bool calibrated() const;
  std::optional<Proposal> by_fast_rule(const Observation& observation);
  Proposal dated_by(const stats::MixtureSr& lanes, const Observation& observation) const;
  // For families of shares.
  Proposal dated_by_shares(const Observation& observation, Proposal proposal) const;
  core::Finding finding_of(const Observation& observation, const Proposal& proposal, const core::BucketSummary& since,
                           const core::SeriesHistory* for_drivers) const;

  void latch(const Observation& observation, const Proposal& proposal);
  // When the first value since the onset was seen.
  core::EventTime first_value(const Observation& observation, core::EventTime onset) const;
  // Whether a drift of twice the size has come on top of one that was never worth a page; it takes its place.
  bool larger_drift(const Observation& observation, const core::Counts& counts);
  void estimate(const Observation& observation);
  std::optional<core::Finding> follow(const Observation& observation, const core::Counts& counts);
  void prepare_reverse(const core::Counts& since);
  void weigh_recovery(const core::Counts& counts);
  void weigh_recovery_of_hour(const Observation& observation);
  bool absorbs(core::EventTime now) const;
  void absorb(const Observation& observation);
  // What has been seen since `onset` is normal, and for the pooled baseline nothing else.
  void accept_since(core::EventTime onset);
  void unlatch(bool forget_since_onset);

  void roll_day(const Observation& observation);
  std::optional<Proposal> by_anchor(const Observation& observation, std::optional<Proposal> otherwise);
  bool crept() const { return latch_ && latch_->kind == DriftKind::crept; }

  const DriftModel& model_;
  core::SeriesKey series_;
  Baseline baseline_;
  ModeWatch watch_;
  stats::MixtureSr lanes_;
  stats::Anchor anchor_;
  bool contributed_ = false;    // to its siblings
  bool day_disturbed_ = false;  // an incident was open in the day of hour_
  core::EventTime last_end_ = core::EventTime::min();
  core::EventTime hour_ = core::EventTime::min();  // the hour that is being filled
  double hour_peak_ = -1e9;                        // highest evidence in it
  // The fast rule on a series with several modes: when it may propose next.
  core::EventTime rejected_at_ = core::EventTime::min();
  std::int64_t rejections_ = 0;  // each within a day of the one before
  double checked_calls_ = 0;     // since the onset, when the hull was last asked
  std::optional<Latch> latch_;
};

}  // namespace costdrift::detectors
