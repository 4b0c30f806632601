#include "detectors/stats/e_bh.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace costdrift::detectors::stats {

double e_bh_relief(std::vector<double> margins, double q, double false_pages_per_week) {
  std::sort(margins.begin(), margins.end(), std::greater<>());
  double relief = 0;
  for (std::size_t i = 0; i < margins.size(); ++i) {
    const double lower = std::log(q * static_cast<double>(i + 1) / false_pages_per_week);
    if (margins[i] >= -lower) relief = std::max(relief, std::min(lower, kMostRelief));
  }
  return relief;
}

}  // namespace costdrift::detectors::stats
