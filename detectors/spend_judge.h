// SpendJudge: dollars per minute of one roll-up series against its own week (detectors/stats/seasonal.h).
//
// Operation  every minute of the series is kept for four weeks. At midnight (UTC), from two weeks of history on, the
//            model is fitted anew; until then the judge is silent. When the evidence crosses the threshold of the page
//            budget the judge latches: onset from the age of the evidence, effect from the mean residual since then,
//            estimated anew every minute, five minutes, half hour. Minutes of an incident are set aside and not
//            learned. The latch opens when a reverse test says that the residuals are back at zero, or after seven
//            days, or after two with an effect too small to matter: then the whole past is moved to the new level.
// Order      an app is told of at once; a team and the whole ten minutes later, so that the app comes first.
// Limits     minutes in which fewer than three calls are expected are not judged (their logarithm says nothing), so a
//            series that never has three calls a minute is never judged.
// Memory     about 90 KB a series.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "detectors/detector.h"
#include "detectors/minute_history.h"
#include "detectors/stats/seasonal.h"
#include "detectors/stats/shiryaev_roberts.h"

namespace costdrift::detectors {

class SpendJudge final : public SeriesJudge {
 public:
  explicit SpendJudge(core::SeriesKey series) : series_(std::move(series)) {}

  void observe(const Observation& observation, std::vector<core::Finding>& findings) override;
  void rebase(const core::SeriesKey& of) override;
  void save_lanes(core::ByteWriter& out) const override;
  void save_model(core::ByteWriter& out) const override;
  bool restore(std::string_view lanes, std::string_view model) override;
  std::size_t memory_bytes() const override { return sizeof *this + history_.memory_bytes(); }

 private:
  struct Since {  // over the judged minutes since onset
    double minutes = 0, residuals = 0, levels = 0;
    double mean() const { return minutes > 0 ? residuals / minutes : 0; }
  };
  struct Latch {
    core::EventTime since, onset, onset_earliest, onset_latest, next_estimate;
    bool material = false;
    Since seen;
    stats::SingleSr reverse;
    core::Finding finding;
  };

  void push(std::int64_t minute, MinuteHistory::Minute value, const Observation& observation);
  bool waits(core::EventTime now) const;
  void learn(const Observation& observation);
  std::optional<double> value_of(MinuteHistory::Minute minute, std::int64_t at) const;
  double log_threshold(const Budget& budget) const;
  void count_since(double residual, double level);
  void latch(std::int64_t minute, const Observation& observation);
  void estimate(const Observation& observation);
  std::optional<core::Finding> follow(const Observation& observation);
  void unlatch();
  void learn_present();

  core::SeriesKey series_;
  MinuteHistory history_;
  std::optional<stats::SeasonalModel> model_;
  double log_call_cost_ = 0;  // ln of the mean nano-dollars per call in the week before the fit
  stats::SeasonalSr lanes_;
  std::optional<Latch> latch_;
};

}  // namespace costdrift::detectors
