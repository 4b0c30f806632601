#include "detectors/stats/lanes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/log_bins.h"
#include "tests/support/random.h"

namespace costdrift::tests {
namespace {

namespace stats = detectors::stats;

core::Counts prompts(Random& random, int calls, double factor = 1) {
  core::Counts counts;
  for (int i = 0; i < calls; ++i) {
    const auto tokens = std::llround(random.log_normal(2000, 1) * factor);
    core::merge_counts(counts, {{static_cast<std::int16_t>(core::log_bin(tokens)), core::kOneCall}});
  }
  return counts;
}

stats::LaneFamily one_lane(stats::Lane lane) { return {.lanes = std::vector<stats::Lane>(stats::kLanes, lane)}; }

TEST(Grouping, RisesCoversEveryBinAndNeverSplitsOne) {
  Random random(1);
  const auto grouping = stats::Grouping::by_quantiles(prompts(random, 20'000));
  EXPECT_GT(grouping.size(), 30);
  EXPECT_LE(grouping.size(), 36);
  int before = 0;
  for (int bin = 0; bin < core::kLogBins; ++bin) {
    const int group = grouping.group(bin);
    EXPECT_GE(group, before);
    EXPECT_LE(group, before + 1);
    before = group;
  }
  EXPECT_EQ(before, grouping.size() - 1);
}

TEST(Grouping, EndsWhereLanesBegin) {
  Random random(2);
  const auto baseline = prompts(random, 50'000);
  const auto table = stats::build_table(one_lane({stats::LaneKind::exceed, 3, 0.99}), baseline);
  double raised = 0;
  for (std::size_t g = 0; g < table.null_prob.size(); ++g) {
    if (table.log_ratio[g * stats::kLanes] > 0.5) raised += table.null_prob[g];
  }
  EXPECT_NEAR(raised, 0.01, 0.001);
}

// The bound that makes a threshold a false-alarm rate: under the null, a likelihood ratio is 1 on average.
TEST(LikelihoodTable, EveryLaneIsOneOnAverageUnderItsNull) {
  Random random(3);
  const auto baseline = prompts(random, 5'000);
  for (const auto kind : {stats::LaneKind::shift, stats::LaneKind::scale, stats::LaneKind::exceed}) {
    const auto table = stats::build_table(one_lane({kind, kind == stats::LaneKind::shift ? 0.2 : 1.6, 0.96}), baseline);
    double mean = 0;
    for (std::size_t g = 0; g < table.null_prob.size(); ++g) {
      mean += table.null_prob[g] * std::exp(table.log_ratio[g * stats::kLanes]);
    }
    EXPECT_NEAR(mean, 1, 1e-9) << static_cast<int>(kind);
  }
}

TEST(LikelihoodTable, NoValueCountsForLessThanTheFloor) {
  Random random(4);
  const auto table = stats::build_table(one_lane({stats::LaneKind::shift, 0.6}), prompts(random, 50'000));
  for (const double log_ratio : table.log_ratio) EXPECT_GE(log_ratio, std::log(0.02) - 1e-12);
}

// A lane is the truth it names: values that grew by a factor favour its lane over the others.
TEST(LikelihoodTable, TheLaneOfTheChangeGainsMost) {
  Random random(5);
  auto family = one_lane({stats::LaneKind::scale, 1.1});
  const double factors[stats::kLanes] = {1.05, 1.1, 1.2, 1.3, 1.5, 1.8, 2.2, 3};
  for (std::size_t k = 0; k < stats::kLanes; ++k) family.lanes[k].amount = factors[k];
  const auto table = stats::build_table(family, prompts(random, 50'000));
  std::array<double, stats::kLanes> gain{};
  for (const auto& item : prompts(random, 20'000, 1.3)) {
    for (int k = 0; k < stats::kLanes; ++k) {
      gain[static_cast<std::size_t>(k)] +=
          static_cast<double>(item.weight) * table.log_ratio_at(table.grouping.group(item.bin), k);
    }
  }
  EXPECT_EQ(std::max_element(gain.begin(), gain.end()) - gain.begin(), 3);
}

TEST(LikelihoodTable, SmallerChangesWeighMoreAndTheMeanIsOne) {
  const auto family = stats::odds_family(2, [](int bin) { return bin * 1.0; });
  const auto table = stats::build_table(family, {{0, 95'000 * core::kOneCall}, {1, 5'000 * core::kOneCall}});
  double sum = 0;
  for (std::size_t k = 0; k < stats::kLanes; ++k) {
    sum += table.prior[k];
    EXPECT_LT(table.prior[k], k == 0 ? stats::kLanes : table.prior[k - 1]);
  }
  EXPECT_NEAR(sum, stats::kLanes, 1e-9);
  EXPECT_NEAR(std::log(table.prior[1] / table.prior[4]), 0.2 * std::log(table.chi_square[4] / table.chi_square[1]),
              1e-9);
}

// What hardly ever happens says little about the information of a value, whatever it would say if it did.
TEST(LikelihoodTable, TheInformationOfAValueIsThatOfTheStrataThatHoldThem) {
  auto pairs = stats::odds_family(4, [](int bin) { return bin % 2 * 1.0; });
  pairs.stratum = [](int bin) { return bin / 2; };
  const core::Weight thousand = 1000 * core::kOneCall;
  const core::Counts rare = {{0, thousand}, {1, 99 * thousand}};
  const core::Counts even = {{0, thousand}, {1, 99 * thousand}, {2, thousand / 20}, {3, thousand / 20}};
  const auto alone = stats::build_table(pairs, rare), beside = stats::build_table(pairs, even);
  for (std::size_t k = 0; k < stats::kLanes; ++k) {
    EXPECT_NEAR(beside.chi_square[k] / alone.chi_square[k], 1, 0.1) << k;
  }
}

// A factor of 1 is no change.
TEST(LikelihoodTable, ALaneThatNothingReachesDoesNotTakeTheWeightOfTheOthers) {
  auto family = one_lane({stats::LaneKind::scale, 2});
  family.lanes[0] = {stats::LaneKind::scale, 1};
  Random random(6);
  const auto table = stats::build_table(family, prompts(random, 5'000));
  EXPECT_LT(table.prior[0], 4 * table.prior[1]);
  EXPECT_GT(table.prior[1], 0.6);
}

}  // namespace
}  // namespace costdrift::tests
