// SpendScale: dollars of one series in steps of one length, against its own week (detectors/stats/seasonal.h).
//
// Steps are whole minutes of a MinuteHistory added up, in calls of mean cost, so that kFewestCalls is the floor below
// which the logarithm of a step says nothing. A step counts when it is over; evidence() also asks what the step that
// goes on would say if nothing more came, which is the least that it will say.
// Memory   6 KB when it judges.
#pragma once

#include <optional>

#include "detectors/minute_history.h"
#include "detectors/stats/seasonal.h"

namespace costdrift::detectors {

class SpendScale {
 public:
  static constexpr double kFewestCalls = 3;

  // What steps were above the usual, both in ln of calls of mean cost.
  struct Sum {
    double steps = 0, residuals = 0, usual = 0;
    void add(const Sum& more);
    double mean_residual() const { return steps > 0 ? residuals / steps : 0; }
    double mean_usual() const { return steps > 0 ? usual / steps : 0; }
  };

  explicit SpendScale(stats::WeekGrid grid) : grid_(grid) {}

  // Fits the model on the days that are over. `log_call_cost`: ln of the mean nano-dollars of a call.
  void learn(const MinuteHistory& history, double log_call_cost);
  // Judges no more until it learns again.
  void forget();
  const std::optional<stats::SeasonalModel>& model() const { return model_; }

  // After `history` has got `minute`: takes the step that ends with it.
  void advance(const MinuteHistory& history, std::int64_t minute);
  bool ends_with(std::int64_t minute) const { return (minute + 1) % grid_.minutes_per_step == 0; }
  // The lanes after the last step that is over, or with the step that `minute` lies in where that says more.
  struct Evidence {
    stats::SeasonalSr lanes;
    std::int64_t steps_end = 0;  // minute
  };
  Evidence evidence(const MinuteHistory& history, std::int64_t minute) const;
  // The minute in from..to since which there was so much more than usual as at no other: the largest likelihood of a
  // rise of a Poisson rate.
  std::int64_t beginning(const MinuteHistory& history, std::int64_t from, std::int64_t to) const;

  // Adds the minutes from..to, step by step; a part of a step counts as much as it is long. Little where little is usual
  // says nothing, unless there would be enough during a drift by a known residual: then it says that the drift is over.
  Sum sum(const MinuteHistory& history, std::int64_t from, std::int64_t to, double known_residual = 0) const;

  int minutes_per_step() const { return grid_.minutes_per_step; }
  std::int64_t step_of(std::int64_t minute) const { return minute / grid_.minutes_per_step; }
  std::int64_t first_minute(std::int64_t step) const { return step * grid_.minutes_per_step; }
  void reset_evidence() { lanes_.reset_evidence(); }
  // The whole past was exp(log_factor) times as dear.
  void shift(double log_factor);

  void save_lanes(core::ByteWriter& out) const { lanes_.save(out); }
  void save_model(core::ByteWriter& out) const;
  void restore_lanes(core::ByteReader& in) { lanes_.restore(in); }
  [[nodiscard]] bool restore_model(core::ByteReader& in);
  std::size_t memory_bytes() const { return model_ ? model_->profile.levels.capacity() * sizeof(double) : 0; }

 private:
  double calls(const MinuteHistory& history, std::int64_t from, std::int64_t to) const;
  double value(const MinuteHistory& history, std::int64_t from, std::int64_t to) const;
  Sum part(const MinuteHistory& history, std::int64_t from, std::int64_t to, double known_residual) const;

  stats::WeekGrid grid_;
  double log_call_cost_ = 0;
  std::optional<stats::SeasonalModel> model_;
  stats::SeasonalSr lanes_;
};

}  // namespace costdrift::detectors
