// SpendJudge: dollars of one roll-up series against its own week, in steps of 1, 15 and 60 minutes.
//
// Operation  every minute of the series is kept for four weeks. Once a day, from two weeks of history on, the models are
//            fitted anew, within four hours of midnight (UTC), each series at its own minute; until then the judge is
//            silent. Wider steps are for applications with few calls or calls that come in bursts: one is judged only
//            where it is to find a doubling sooner than the narrower ones, which are judged all the same for what is
//            larger. When the evidence of one crosses the threshold of the page budget the judge latches: onset from
//            the age of the evidence, effect from the mean residual since then, estimated anew every minute, five
//            minutes, half hour. Minutes of an incident are not learned. The latch opens when a reverse test says that
//            the residuals are back at zero, or after seven days, or after two with an effect too small to matter:
//            then the whole past is moved to the new level.
// Order      an app is told of at once; a team and the whole ten minutes later, so that the app comes first.
// Limits     where fewer than three calls a step are usual, three are taken for usual (their logarithm says nothing). A
//            series with fewer than 500 calls a week is not judged.
// Memory     about 90 KB a series.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "detectors/detector.h"
#include "detectors/minute_history.h"
#include "detectors/spend_scale.h"
#include "detectors/stats/shiryaev_roberts.h"

namespace costdrift::detectors {

class SpendJudge final : public SeriesJudge {
 public:
  explicit SpendJudge(core::SeriesKey series);

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override;
  std::optional<Standing> standing(const Budget& budget) const override;
  void rebase(const core::SeriesKey& of) override;
  void save_lanes(core::ByteWriter& out) const override;
  void save_model(core::ByteWriter& out) const override;
  bool restore(std::string_view lanes, std::string_view model) override;
  std::size_t memory_bytes() const override;

 private:
  struct Latch {
    std::size_t scale = 0;
    core::EventTime since, onset, onset_earliest, onset_latest, next_estimate;
    bool material = false;
    SpendScale::Sum seen;  // since onset, of the steps that are over
    // When they spoke loudest: how loud (steps times the square of the mean residual), and that mean residual. Later
    // ones may be of the time after the drift.
    double loudest = 0, drift = 0;
    stats::SingleSr reverse;
    core::Finding finding;
  };

  void push(std::int64_t minute, MinuteHistory::Minute value, const Observation& observation);
  bool waits(core::EventTime now) const;
  void learn(const Observation& observation);
  double log_threshold(const stats::SeasonalModel& model, const Budget& budget) const;
  Standing standing_of(const SpendScale& scale, std::int64_t minute, const Budget& budget) const;
  std::optional<std::size_t> alarm(std::int64_t minute, const Budget& budget) const;
  void count_step(std::int64_t minute);
  void listen();
  void latch(std::size_t scale, std::int64_t minute, const Observation& observation);
  void estimate(const Observation& observation);
  std::optional<core::Finding> follow(const Observation& observation);
  void unlatch();
  void learn_present();
  bool restore_latch(core::ByteReader& in);

  // Since the onset, of the step that `minute` lies in: up to `minute`.
  SpendScale::Sum seen_in_step(std::int64_t minute, double known_residual = 0) const;
  const SpendScale& latched_scale() const { return scales_[latch_->scale]; }

  core::SeriesKey series_;
  MinuteHistory history_;
  std::array<SpendScale, 3> scales_{SpendScale{{1}}, SpendScale{{15}}, SpendScale{{60}}};
  std::optional<Latch> latch_;
};

}  // namespace costdrift::detectors
