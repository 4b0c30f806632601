// MoneyAtRisk: how the page budget is split over the series, by the dollars that pass while evidence is gathered.
//
// Operation  a judge that may raise b_i false pages a week waits -ln(b_i) / I_i or so for a drift, I_i the rate at which
//            its evidence comes, and c_i dollars an hour pass meanwhile. Of all ways to split a budget, b_i
//            proportional to c_i / I_i loses the fewest dollars (set the derivatives equal). Where evidence comes by the
//            call, c_i / I_i is what a call costs; where it comes by the minute, what a day costs. The judges of either
//            kind together have what their number is due, and no judge less than a hundredth of the mean.
// When       a series' stake is its last week's, taken anew with its first bucket of a day; sums over all series follow
//            when the bucket time has ended, so that the order of series within it does not matter. A series that has
//            been silent for more than eight days takes no part in the sums: what it cost is no longer at risk.
// Threads    the stream thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

#include "core/bucket_summary.h"
#include "core/bytes.h"
#include "core/time.h"

namespace costdrift::detectors {

// What the evidence of a detector comes by.
enum class EvidencePer : std::uint8_t { call, minute };
inline constexpr std::size_t kEvidenceKinds = 2;

// What one series has at stake.
class Stake {
 public:
  // Judges of the series that share the page budget, by EvidencePer.
  using Judges = std::array<std::int64_t, kEvidenceKinds>;

  // Counts a bucket. True: it is the first of another day, and restake() is due, before or after.
  bool add(core::EventTime start, const core::Totals& totals);

  // Nano-dollars of a call, or micro-dollars of a day, as in the mean day of the last week; 0 before the first day has
  // ended. At most 1e12.
  std::int64_t weight(EvidencePer evidence) const;

  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  friend class MoneyAtRisk;
  void end_day();

  core::EventTime day_ = core::EventTime::min();
  double usd_today_ = 0, calls_today_ = 0;
  double days_ = 0;  // ended ones, at most seven
  double usd_a_day_ = 0, calls_a_day_ = 0;
  // As MoneyAtRisk counts them, since that day.
  core::EventTime counted_ = core::EventTime::min();
  Judges judges_{};
  std::array<std::int64_t, kEvidenceKinds> weights_{};
};

class MoneyAtRisk {
 public:
  // What the stake was is replaced by what it is, of `judges`.
  void restake(Stake& stake, const Stake::Judges& judges);
  // All buckets that end at one time were judged.
  void bucket_time_ended();
  // What one judge of the series has of the page budget: 1 on average over all judges; 1 before the series has a stake.
  double share(const Stake& stake, EvidencePer evidence) const;

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
  using Sums = std::array<Sum, kEvidenceKinds>;
  void sum_up();

  std::map<core::EventTime, Sums> by_day_;  // of the series whose stake was last taken on that day
  Sums sums_{};                             // of all of them, as of the last bucket time
  bool changed_ = false, due_ = false;
};

}  // namespace costdrift::detectors
