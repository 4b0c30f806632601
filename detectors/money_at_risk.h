// MoneyAtRisk: how the page budget is split over the series, by the dollars that pass while evidence is gathered.
//
// Operation  a judge that may raise b_i false pages a week waits -ln(b_i) / I_i or so for a drift, I_i the rate at which
//            its evidence comes, and c_i dollars an hour pass meanwhile. Of all ways to split a budget, b_i
//            proportional to c_i / I_i loses the fewest dollars (set the derivatives equal). Evidence comes by the call,
//            so c_i / I_i is what a call costs. No judge has more than ten times the mean (what is cut goes to the
//            others), nor less than a hundredth. Judges of spend look at minutes of roll-ups that hold the same dollars
//            again and again: each of them has the mean.
// When       a stake is taken anew with the series' first bucket of a day, from days that count for a seventh less with
//            every day that follows. It counts from the hour after that on, as does the mean over all series, so that
//            the order of series does not matter. A series without a stake that counts has the mean: on its first day,
//            when no call of it has a price, and when it comes back after more than eight days, in which it took no
//            part.
// Threads    the stream thread.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "core/bucket_summary.h"
#include "core/bytes.h"
#include "core/time.h"

namespace costdrift::detectors {

// What one series has at stake.
class Stake {
 public:
  // Counts a bucket. True: it is the first of another day, and restake() is due.
  bool add(core::EventTime start, const core::Totals& totals);

  // Nano-dollars of a call that has a price, in the mean day, at most 1e12; kUnknown before the first day has ended and
  // when no call has a price.
  static constexpr std::int64_t kUnknown = -1;
  std::int64_t weight() const;

  void save(core::ByteWriter& out) const;
  // Bytes of another version: as new.
  void restore(core::ByteReader& in);

 private:
  friend class MoneyAtRisk;
  void end_day();

  core::EventTime newest_ = core::EventTime::min();  // bucket
  double usd_today_ = 0, priced_today_ = 0;
  double days_ = 0;  // ended ones, at most seven
  double usd_a_day_ = 0, priced_a_day_ = 0;
  // As MoneyAtRisk counts them since then, and the weight that it counted before.
  core::EventTime counted_ = core::EventTime::min();
  std::int64_t judges_ = 0, weight_ = kUnknown, before_ = kUnknown;
};

class MoneyAtRisk {
 public:
  static constexpr double kLeastShare = 0.01, kMostShare = 10;

  // What the stake was is replaced by what it is, of so many judges of the series that share the page budget by call.
  void restake(Stake& stake, std::int64_t judges);
  // All buckets that end at `now` were judged.
  void bucket_time_ended(core::EventTime now);
  // What one judge of the series has of the page budget; 1 on average over all judges.
  double share(const Stake& stake) const;

  void save(core::ByteWriter& out) const;
  // False: not of this version; as new then.
  bool restore(std::string_view bytes);
  // True once after something changed since the last save().
  bool changed() const { return changed_; }
  void saved() { changed_ = false; }

 private:
  struct Sum {
    std::int64_t judges = 0, weight = 0;  // weight: of all judges
  };
  using ByMagnitude = std::map<std::int64_t, Sum>;  // by the binary digits of the weight
  static double mean_weight(const ByMagnitude& sums);
  void count(const Stake& stake, std::int64_t sign);
  void sum_up();

  std::map<core::EventTime, ByMagnitude> by_day_;    // of the series whose stake was last taken on that day
  core::EventTime due_ = core::EventTime::max();     // the hour in which something changed that mean_ does not know
  core::EventTime counts_ = core::EventTime::min();  // stakes taken before count
  double mean_ = 0;  // of all stakes that count, none as more than ten times the mean; 0: none
  bool changed_ = false;
};

}  // namespace costdrift::detectors
