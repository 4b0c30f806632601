// Modes: the shapes that a series has shown, each the histogram of calm windows that looked alike.
//
// Operation  a window that no mixture of the modes explains within 0.05 nats a call of what its own shape does
//            (own_log_likelihood) is a new mode; otherwise it is added to a mode that explains more than 0.8 of it.
//            At most kMaxModes: the one that explained nothing for longest is dropped.
// Memory     at most kMaxModes * kMaxBins bins of about four bytes when saved; nothing derived is kept.
#pragma once

#include "core/bytes.h"
#include "core/time.h"
#include "detectors/stats/hull.h"

namespace costdrift::detectors::stats {

class Modes {
 public:
  static constexpr std::size_t kMaxModes = 16;
  static constexpr std::size_t kMaxBins = 160;  // of one mode; beyond, rare neighbours become one
  static constexpr double kMaxCalls = 20'000;   // of one mode, by scaling: old calls fade
  static constexpr double kMinCalls = 30;       // a window with fewer says nothing

  // True: the window was a new shape. `now` orders the modes by last use.
  bool learn(const LaneFamily& family, const core::Counts& window, core::EventTime now);
  std::size_t size() const { return modes_.size(); }
  bool empty() const { return modes_.empty(); }

  // Not empty, `seen` not empty.
  HullFit fit(const LaneFamily& family, const core::Counts& seen) const { return fit_hull(family, shapes(), seen); }
  MixtureFit fit_null(const LaneFamily& family, const core::Counts& seen) const {
    return fit_mixture(family, shapes(), seen);
  }
  // The histogram and the mean value (log bins) of a mixture of the modes.
  core::Counts mixture(const std::vector<double>& weights) const;
  double mean(const std::vector<double>& weights) const;
  // How many calls the shape of a mixture is known by: 1 / sum(weight^2 / calls of the mode).
  double calls_behind(const std::vector<double>& weights) const;

  void save(core::ByteWriter& out) const;
  void restore(core::ByteReader& in);

 private:
  struct Mode {
    core::Counts counts;
    core::EventTime last_used;
  };
  Shapes shapes() const;
  bool explained(const LaneFamily& family, const core::Counts& window, const MixtureFit& fitted) const;
  void use(const MixtureFit& fitted, const core::Counts& window, core::EventTime now);
  std::vector<Mode> modes_;
};

}  // namespace costdrift::detectors::stats
