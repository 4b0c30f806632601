// MoneyGate: how much a series must have lost before somebody is woken.
//
// Operation  a series that shows N new shapes a day loses money for nothing that often, so a page needs an excess of
//            max(b * D * (1 + N_new) / age in days, largest excursion of the last 14 days that ended by itself), with D
//            the mean daily dollars at stake over the last week and b = 0.1 at one false page a week; b grows as false
//            pages are wanted less (measured on 75 applications: false pages fall like b^-3/4).
//            Quiet series after a week: 1.4 % of a day.
// Units      dollars of the part of the cost that the detector watches (at_stake()).
// Limits     N_new / age is over the last four weeks.
#pragma once

#include <vector>

#include "core/bucket_summary.h"
#include "core/bytes.h"
#include "core/finding.h"
#include "core/time.h"

namespace costdrift::detectors {

// The dollars of `totals` that a change of the part can move: input or output cost, otherwise all of it.
core::NanoUsd at_stake(core::CostPart part, const core::Totals& totals);

class MoneyGate {
 public:
  void window_closed(core::EventTime end, core::NanoUsd stake, bool new_shape);
  // A window that waited in quarantine was a new shape after all.
  void count_new_shape() { ++new_shapes_; }
  // A drift with evidence went away without having been worth a page.
  void excursion_ended(core::EventTime at, core::NanoUsd excess);
  core::NanoUsd floor(core::EventTime now, double false_pages_per_week) const;
  int new_shapes() const;

  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  struct Amount {
    core::EventTime at;
    core::NanoUsd usd;
  };
  double daily_stake(core::EventTime now) const;
  std::vector<Amount> windows_;     // of the last week
  std::vector<Amount> excursions_;  // of the last 14 days; later ones are smaller
  double windows_seen_ = 0, new_shapes_ = 0;
};

}  // namespace costdrift::detectors
