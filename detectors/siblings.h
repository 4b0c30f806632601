// Siblings: what the series of one detector have in common, so that a new one does not begin by knowing nothing.
//
// Operation  a series that has learned its first day contributes once: the share of each of its categories, and how
//            much more its sums vary than independent values would (variance.h). A new series begins with the prior
//            that follows, by empirical Bayes: pseudo-calls in the siblings' mean shares, as many as the spread between
//            siblings is worth (a Dirichlet law fitted by moments), and their inflation. Sizes differ too much between
//            applications to share a histogram: there only the inflation is shared.
// Source     Robbins 1956; moments of the beta-binomial: Kleinman, JASA 1973.
// Limits     no prior from fewer than kFewest siblings. A series is never taken out again.
// Memory     a few numbers for each metric, whatever the number of series.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/bucket_summary.h"
#include "core/bytes.h"
#include "detectors/stats/lanes.h"

namespace costdrift::detectors {

struct SiblingPrior {
  core::Counts counts;   // pseudo-calls; empty for quantities
  double inflation = 1;  // mean of the siblings' and one standard deviation
};

class Siblings {
 public:
  static constexpr int kFewest = 5;

  void contribute(std::string_view metric, const stats::LaneFamily& family, const core::Counts& counts,
                  double inflation);
  std::optional<SiblingPrior> prior(std::string_view metric, const stats::LaneFamily& family) const;

  void save(core::ByteWriter& out) const;
  // False: not of this version; as new then.
  bool restore(std::string_view bytes);
  bool changed() const { return changed_; }
  void saved() { changed_ = false; }

 private:
  struct Moments {
    double series = 0;
    double inflation = 0, inflation_square = 0;
    std::vector<double> share, square, noise;  // by category: sums over series; noise: the variance of a share that
                                               // its number of calls explains
  };
  std::map<std::string, Moments, std::less<>> by_metric_;
  bool changed_ = false;
};

}  // namespace costdrift::detectors
