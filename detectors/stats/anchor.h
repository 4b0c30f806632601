// Anchor: a level that moves only when somebody says so, and evidence that the days have crept away from it.
//
// A baseline that goes on learning follows a drift of 1 % a day and never sees it. The anchor is the log level of the
// first kFrozenDays days: a mean by day of the week (drawn towards the mean of all days as far as the weekdays' means
// differ by no more than chance), a spread (each day against the other days) and the correlation of a day with the one
// before. Later days are weighed against it.
//
// Operation  z = (log level - mean of its weekday) / spread; five lanes for rises of .25, .5, .8, 1.2 and 2 spreads:
//            R_k = (R_k + 1) exp((eta_k z - eta_k^2 / 2) / phi), E = mean_k R_k. phi = (1 + r) / (1 - r) is the
//            variance inflation of an AR(1). At E >= A the days between false alarms are at least about A.
// Source     Shiryaev 1963, Roberts 1966; Bartlett 1946 (phi); James, Stein 1961 (means of weekdays).
// Units      days; natural logarithms. Days without a level are left out.
// Limits     z counts up to 3: one odd day is no drift. Silent until kFrozenDays days are frozen. A rise that goes on
// for months only adds evidence: whoever tells
//            of it raises the bar with told().
#pragma once

#include <array>
#include <vector>

#include "core/bytes.h"
#include "core/time.h"

namespace costdrift::detectors::stats {

class Anchor {
 public:
  static constexpr int kFrozenDays = 28;

  // The day that began at `day` (UTC midnight) had this level (> 0). Days in order; gaps are fine.
  void day_ended(core::EventTime day, double level);

  // ln E; -inf while nothing is frozen.
  double log_evidence() const;
  // What the days since the change would have been; their level; when the change began (start of a day), all by the
  // days that were weighed. Only when evidence is finite.
  struct Creep {
    double expected = 0, observed = 0;
    core::EventTime since;
  };
  Creep creep() const;

  // Somebody heard of this level: another alert needs a level that is higher by as much again.
  void told(double level) { told_level_ = level; }
  double told_level() const { return told_level_; }  // 0: nobody heard of any
  // The level of now is above the anchor by no more than `effect` (0.05: 5 %).
  bool level_is_back(double effect) const;

  // What is seen from now on is normal: a new anchor is frozen.
  void restart() { *this = Anchor{}; }

  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  static constexpr int kLanes = 5;
  struct Day {
    core::EventTime day;
    double log_level = 0;
  };
  bool frozen() const { return spread_ > 0; }
  void freeze();
  double trust_in_weekdays(const std::array<double, 7>& mean, const std::array<double, 7>& count, double all) const;
  double expected_log(core::EventTime day) const;
  void weigh(const Day& day);

  std::vector<Day> days_;            // until frozen: those that will be; then the last few
  std::array<double, 7> weekday_{};  // mean log level
  double spread_ = 0, correlation_ = 0;
  std::array<double, kLanes> r_{};
  std::array<core::EventTime, kLanes> since_{};  // where each lane was last below one: the change began after it
  double told_level_ = 0;
};

}  // namespace costdrift::detectors::stats
