#include "detectors/stats/lanes.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>

#include "core/log_bins.h"

namespace costdrift::detectors::stats {
namespace {

constexpr double kNullShare = 0.02;
constexpr double kStratumPrior = 20;
constexpr double kPriorPower = -0.2;              // ln K / ln(A chi^2), for K = 8, A of a million and chi^2 of 0.03
constexpr double kLeastInformationShare = 0.001;  // of the most: a lane that nothing can reach weighs no more
constexpr double kUniformStep = 0.04;
constexpr double kUniformUpTo = 0.92;

// The upper ends, in probability, of every group but the last. Both tails are fine: a shift empties the lower one, and
// the quantiles that `exceed` lanes name are ends, so that a lane begins where it says.
std::vector<double> group_quantiles() {
  std::vector<double> ends{0.005, 0.01, 0.02};
  for (double end = kUniformStep; end < kUniformUpTo + kUniformStep / 2; end += kUniformStep) ends.push_back(end);
  ends.insert(ends.end(), {0.94, 0.96, 0.975, 0.99, 0.995, 0.998, 0.999, 0.9995});
  return ends;
}

double median_value(const core::Counts& baseline) {
  const double half = core::total_calls(baseline) / 2;
  double seen = 0;
  for (const auto& item : baseline) {
    seen += calls(item);
    if (seen >= half) return core::log_bin_value(item.bin);
  }
  return 0;
}

// A bin is a range, not a point: its middle moves, and the mass is split over the two nearest groups' bins by the
// fraction, so that small transforms move mass smoothly instead of in steps of a bin.
void add_moved(Eigen::ArrayXd& mass, const Grouping& grouping, double value, double weight) {
  constexpr double kSpread = 0.0099;  // half a bin
  constexpr int kParts = 4;
  for (int part = 0; part < kParts; ++part) {
    const double offset = kSpread * (2.0 * (part + 0.5) / kParts - 1);
    const auto moved = static_cast<std::int64_t>(std::llround(value * (1 + offset)));
    mass[grouping.group(core::log_bin(moved))] += weight / kParts;
  }
}

Eigen::ArrayXd moved_mass(const Lane& lane, const Grouping& grouping, const core::Counts& baseline, double median) {
  Eigen::ArrayXd mass = Eigen::ArrayXd::Zero(grouping.size());
  for (const auto& item : baseline) {
    const double value = core::log_bin_value(item.bin);
    const double target = lane.kind == LaneKind::shift ? value + lane.amount * median : value * lane.amount;
    add_moved(mass, grouping, target, calls(item));
  }
  return mass;
}

Eigen::ArrayXd exceed_prob(const Lane& lane, const Eigen::ArrayXd& null_prob) {
  Eigen::ArrayXd prob = null_prob;
  double below = 0;
  for (Eigen::Index g = 0; g < prob.size(); ++g) {
    // A group counts as beyond the quantile when at most a tenth of the tail lies before it.
    if (below >= lane.quantile - 0.1 * (1 - lane.quantile)) prob[g] *= lane.amount;
    below += null_prob[g];
  }
  return prob / prob.sum();
}

int stratum_of(const LaneFamily& family, int bin) { return family.stratum == nullptr ? 0 : family.stratum(bin); }

// Probabilities that add up to 1 within each stratum.
void normalise_strata(const LaneFamily& family, Eigen::ArrayXd& prob) {
  for (Eigen::Index begin = 0; begin < prob.size();) {
    Eigen::Index end = begin;
    while (end < prob.size() &&
           stratum_of(family, static_cast<int>(end)) == stratum_of(family, static_cast<int>(begin))) {
      ++end;
    }
    prob.segment(begin, end - begin) /= prob.segment(begin, end - begin).sum();
    begin = end;
  }
}

// Of each group: how many values its stratum holds.
Eigen::ArrayXd stratum_mass(const LaneFamily& family, const Eigen::ArrayXd& mass) {
  std::map<int, double> values;
  for (Eigen::Index g = 0; g < mass.size(); ++g) values[stratum_of(family, static_cast<int>(g))] += mass[g];
  Eigen::ArrayXd result(mass.size());
  for (Eigen::Index g = 0; g < mass.size(); ++g) result[g] = values[stratum_of(family, static_cast<int>(g))];
  return result;
}

Eigen::ArrayXd tilt_prob(const LaneFamily& family, const Lane& lane, const Eigen::ArrayXd& null_prob) {
  Eigen::ArrayXd prob = null_prob;
  for (Eigen::Index g = 0; g < prob.size(); ++g) prob[g] *= std::pow(lane.amount, family.score(static_cast<int>(g)));
  normalise_strata(family, prob);
  return prob;
}

std::vector<double> lane_prior(const std::vector<double>& chi_square) {
  const Eigen::Map<const Eigen::ArrayXd> information(chi_square.data(), static_cast<Eigen::Index>(chi_square.size()));
  const double least = std::max(kLeastInformationShare * information.maxCoeff(), 1e-12);
  const Eigen::ArrayXd weight = information.max(least).pow(kPriorPower);
  const Eigen::ArrayXd prior = weight / weight.mean();
  return {prior.begin(), prior.end()};
}

Eigen::ArrayXd smoothed(const Eigen::ArrayXd& mass) {
  return (mass + 0.5) / (mass.sum() + 0.5 * static_cast<double>(mass.size()));
}

}  // namespace

Grouping::Grouping(const std::vector<int>& last_bin) : groups_(static_cast<int>(last_bin.size()) + 1) {
  if (last_bin.empty()) return;
  first_ = last_bin.front();
  std::uint16_t group = 0;
  for (int bin = first_; bin <= last_bin.back(); ++bin) {
    group_of_.push_back(group);
    if (bin == last_bin[group]) ++group;
  }
}

Grouping Grouping::by_quantiles(const core::Counts& baseline) {
  std::vector<int> last_bin;
  const double total = core::total_calls(baseline);
  const auto ends = group_quantiles();
  double seen = 0;
  std::size_t next = 0;
  for (std::size_t i = 0; i + 1 < baseline.size() && next < ends.size(); ++i) {
    seen += calls(baseline[i]);
    if (seen < ends[next] * total) continue;
    last_bin.push_back(baseline[i].bin);
    while (next < ends.size() && seen >= ends[next] * total) ++next;
  }
  // Values beyond everything seen get a group of their own: new territory is evidence.
  if (!baseline.empty()) last_bin.push_back(baseline.back().bin);
  return Grouping(last_bin);
}

Grouping Grouping::uniform(int first, int last, int width) {
  std::vector<int> last_bin;
  for (int bin = first - 1; bin <= last; bin += width) last_bin.push_back(bin);
  return Grouping(last_bin);
}

Grouping Grouping::identity(int size) {
  std::vector<int> last_bin;
  for (int bin = 0; bin + 1 < size; ++bin) last_bin.push_back(bin);
  return Grouping(last_bin);
}

LaneFamily growth_family() {
  return {.lanes = {{LaneKind::shift, .05},
                    {LaneKind::shift, .1},
                    {LaneKind::shift, .18},
                    {LaneKind::shift, .32},
                    {LaneKind::shift, .6},
                    {LaneKind::scale, 1.1},
                    {LaneKind::scale, 1.3},
                    {LaneKind::scale, 1.8}}};
}

std::vector<Lane> odds_lanes() {
  std::vector<Lane> lanes;
  for (const double odds : {1.18, 1.33, 1.55, 1.9, 2.4, 3.3, 5.0, 9.0}) lanes.push_back({LaneKind::tilt, odds});
  return lanes;
}

LaneFamily odds_family(int bins, double (*score)(int bin)) {
  LaneFamily family{.lanes = {}, .log_bins = false, .bins = bins, .score = score};
  family.lanes = odds_lanes();
  return family;
}

LikelihoodTable build_table(const LaneFamily& family, const core::Counts& baseline) {
  LikelihoodTable table;
  table.grouping = family.log_bins ? Grouping::by_quantiles(baseline) : Grouping::identity(family.bins);
  const int groups = table.grouping.size();
  Eigen::ArrayXd mass = Eigen::ArrayXd::Zero(groups);
  for (const auto& item : baseline) mass[table.grouping.group(item.bin)] += calls(item);
  Eigen::ArrayXd null_prob = smoothed(mass);
  if (!family.log_bins) normalise_strata(family, null_prob);
  const double median = family.log_bins ? median_value(baseline) : 0;

  table.null_prob.assign(null_prob.data(), null_prob.data() + groups);
  for (int g = 0; g < groups; ++g) table.stratum.push_back(family.log_bins ? 0 : stratum_of(family, g));
  table.log_ratio.resize(static_cast<std::size_t>(groups * kLanes));
  const Eigen::ArrayXd known = stratum_mass(family, mass);
  const Eigen::ArrayXd trust = family.stratum == nullptr ? Eigen::ArrayXd(Eigen::ArrayXd::Ones(groups))
                                                         : Eigen::ArrayXd(known / (known + kStratumPrior));
  const Eigen::ArrayXd share = null_prob * known / (null_prob * known).sum();
  for (int k = 0; k < kLanes; ++k) {
    const Lane& lane = family.lanes[static_cast<std::size_t>(k)];
    Eigen::ArrayXd prob;
    switch (lane.kind) {
      case LaneKind::shift:
      case LaneKind::scale:
        prob = smoothed(moved_mass(lane, table.grouping, baseline, median));
        break;
      case LaneKind::exceed:
        prob = exceed_prob(lane, null_prob);
        break;
      case LaneKind::tilt:
        prob = tilt_prob(family, lane, null_prob);
        break;
    }
    const Eigen::ArrayXd ratio = (1 - kNullShare) * prob / null_prob + kNullShare;
    table.chi_square.push_back((share * (ratio - 1).square()).sum());
    for (int g = 0; g < groups; ++g) {
      table.log_ratio[static_cast<std::size_t>(g * kLanes + k)] = trust[g] * std::log(ratio[g]);
    }
  }
  table.prior = lane_prior(table.chi_square);
  return table;
}

}  // namespace costdrift::detectors::stats
