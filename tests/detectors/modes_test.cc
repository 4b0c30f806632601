// The hull of a series' shapes: what is nothing new, what is, and what a mixture cannot explain.
#include "detectors/stats/modes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/log_bins.h"
#include "detectors/stats/estimate.h"
#include "tests/support/random.h"

namespace costdrift::detectors::stats {
namespace {

LaneFamily growth() { return {.lanes = {{LaneKind::shift, .1}, {LaneKind::scale, 1.1}, {LaneKind::scale, 2.5}}}; }
LaneFamily retries() {
  return {.lanes = {{LaneKind::tilt, 1.2}, {LaneKind::tilt, 3}, {LaneKind::tilt, 9}},
          .log_bins = false,
          .bins = 2,
          .score = [](int bin) { return static_cast<double>(bin); }};
}

core::Counts draw(tests::Random& random, int calls, double median, double sd, double factor = 1) {
  core::Counts counts;
  for (int i = 0; i < calls; ++i) {
    const int bin = core::log_bin(std::llround(random.log_normal(median, sd) * factor));
    core::merge_counts(counts, {{static_cast<std::int16_t>(bin), core::kOneCall}});
  }
  return counts;
}
core::Counts both(core::Counts a, const core::Counts& b) {
  core::merge_counts(a, b);
  return a;
}
core::Counts hits(int of, int n) { return {{0, core::kOneCall * (n - of)}, {1, core::kOneCall * of}}; }
double best_gain(const HullFit& fit) {
  double best = -1e9;
  for (const auto& lane : fit.lanes) best = std::max(best, lane.gain);
  return best;
}
core::EventTime at(int window) { return {window * 21'600'000'000}; }

TEST(Modes, WindowsOfOneShapeAreOneMode) {
  tests::Random random(1);
  Modes modes;
  EXPECT_TRUE(modes.learn(growth(), draw(random, 800, 2000, .5), at(0)));
  for (int w = 1; w < 30; ++w) EXPECT_FALSE(modes.learn(growth(), draw(random, 60 + 40 * w, 2000, .5), at(w))) << w;
  EXPECT_EQ(modes.size(), 1U);
}

TEST(Modes, AWideShapeKeepsItsTails) {
  tests::Random random(8);
  Modes modes;
  for (int w = 0; w < 6; ++w) EXPECT_EQ(modes.learn(growth(), draw(random, 20'000, 4600, 1.2), at(w)), w == 0) << w;
  const core::Counts mode = modes.mixture({1});
  EXPECT_LE(mode.size(), Modes::kMaxBins);
  const Effect tail = fit_quantile(mode, mode, .99, 1);
  EXPECT_NEAR(tail.expected, 4600 * std::exp(1.2 * 2.326), 0.08 * tail.expected);
  EXPECT_NEAR(modes.mean({1}), 4600 * std::exp(0.72), 0.03 * modes.mean({1}));
}

TEST(Modes, AMixtureOfKnownShapesIsNothingNewAndAnotherShapeIs) {
  tests::Random random(2);
  Modes modes;
  EXPECT_TRUE(modes.learn(growth(), draw(random, 800, 500, .3), at(0)));
  EXPECT_TRUE(modes.learn(growth(), draw(random, 800, 4000, .3), at(1)));
  EXPECT_FALSE(modes.learn(growth(), both(draw(random, 500, 500, .3), draw(random, 200, 4000, .3)), at(2)));
  EXPECT_TRUE(modes.learn(growth(), draw(random, 800, 1500, .3), at(3)));
  EXPECT_EQ(modes.size(), 3U);
}

TEST(Modes, FewCallsSayNothing) {
  tests::Random random(3);
  Modes modes;
  EXPECT_FALSE(modes.learn(growth(), draw(random, 29, 500, .3), at(0)));
  EXPECT_TRUE(modes.empty());
}

TEST(Modes, TheModeUnusedForLongestIsDropped) {
  tests::Random random(4);
  Modes modes;
  for (int m = 0; m < 17; ++m) EXPECT_TRUE(modes.learn(growth(), draw(random, 400, 100 * std::pow(1.6, m), .1), at(m)));
  EXPECT_EQ(modes.size(), Modes::kMaxModes);
  // The first shape was dropped, so it is new again; the last one is still known.
  EXPECT_FALSE(modes.learn(growth(), draw(random, 400, 100 * std::pow(1.6, 16), .1), at(17)));
  EXPECT_TRUE(modes.learn(growth(), draw(random, 400, 100, .1), at(18)));
}

TEST(Hull, MovedWeightIsExplainedMovedValuesAreNot) {
  tests::Random random(5);
  Modes modes;
  modes.learn(growth(), draw(random, 2000, 500, .3), at(0));
  modes.learn(growth(), draw(random, 2000, 4000, .3), at(1));
  const auto mixed = both(draw(random, 50, 500, .3), draw(random, 350, 4000, .3));
  EXPECT_LT(best_gain(modes.fit(growth(), mixed)), 8);
  const auto grown = both(draw(random, 350, 500, .3, 1.25), draw(random, 50, 4000, .3, 1.25));
  const HullFit fit = modes.fit(growth(), grown);
  EXPECT_GT(best_gain(fit), 27.6);
}

TEST(Hull, TheLaneSaysByHowMuchTheMeanGrew) {
  tests::Random random(6);
  Modes modes;
  modes.learn(growth(), draw(random, 5000, 1000, .4), at(0));
  const HullFit fit = modes.fit(growth(), draw(random, 1000, 1000, .4, 1.25));
  const auto lanes = hull_lanes(growth());
  for (std::size_t k = 0; k < lanes.size(); ++k) {
    if (lanes[k].kind == LaneKind::scale && lanes[k].amount < 2) {
      EXPECT_NEAR(fit.lanes[k].ratio, lanes[k].amount, 0.01);
    }
  }
  EXPECT_NEAR(modes.mean(fit.null.weights), 1000 * std::exp(.08), 30);
}

TEST(Hull, CategoriesAreTilted) {
  Modes modes;
  modes.learn(retries(), hits(50, 1000), at(0));
  modes.learn(retries(), hits(200, 1000), at(1));
  EXPECT_EQ(modes.size(), 2U);
  EXPECT_FALSE(modes.learn(retries(), hits(110, 1000), at(2)));  // between the two
  EXPECT_LT(best_gain(modes.fit(retries(), hits(50, 400))), 3);
  const HullFit fit = modes.fit(retries(), hits(200, 400));
  EXPECT_GT(best_gain(fit), 20);
  EXPECT_GT(fit.lanes[1].ratio, 1.5);
}

TEST(Hull, OneUnchangedCallDoesNotEndALane) {
  tests::Random random(7);
  Modes modes;
  modes.learn(growth(), draw(random, 5000, 1000, .02), at(0));
  auto grown = draw(random, 200, 4000, .02);
  const double before = best_gain(modes.fit(growth(), grown));
  core::merge_counts(grown, draw(random, 1, 1000, .02));
  EXPECT_GT(best_gain(modes.fit(growth(), grown)), before - 4);
}

TEST(Modes, SavedAndRestoredTheyJudgeTheSameAndStaySmall) {
  tests::Random random(8);
  Modes modes;
  for (int m = 0; m < 16; ++m) modes.learn(growth(), draw(random, 6000, 100 * std::pow(1.5, m), .8), at(m));
  core::ByteWriter out;
  modes.save(out);
  EXPECT_LT(out.bytes().size(), 9U * 1024);
  Modes restored;
  core::ByteReader in(out.bytes());
  restored.restore(in);
  EXPECT_TRUE(in.finished());
  const auto seen = draw(random, 300, 900, .8);
  EXPECT_EQ(modes.fit(growth(), seen).null.log_likelihood, restored.fit(growth(), seen).null.log_likelihood);
}

}  // namespace
}  // namespace costdrift::detectors::stats
