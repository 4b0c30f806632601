#include "detectors/simultaneous_alarms.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "detectors/stats/e_bh.h"
#include "tests/support/judge_harness.h"

namespace costdrift::tests {
namespace {

namespace stats = detectors::stats;

constexpr double kQ = 0.1;

TEST(EBh, OneAloneGetsNoRelief) {
  EXPECT_EQ(stats::e_bh_relief({}, kQ, 1), 0);
  EXPECT_EQ(stats::e_bh_relief({100}, kQ, 1), 0);
  EXPECT_EQ(stats::e_bh_relief(std::vector<double>(10, 100), kQ, 1), 0);
}

TEST(EBh, FortyTogetherNeedAQuarterOfTheEvidence) {
  EXPECT_NEAR(stats::e_bh_relief(std::vector<double>(40, -1.38), kQ, 1), std::log(4), 1e-9);
  EXPECT_EQ(stats::e_bh_relief(std::vector<double>(40, -1.40), kQ, 1), 0);
}

TEST(EBh, ReliefIsBounded) {
  EXPECT_EQ(stats::e_bh_relief(std::vector<double>(200'000, 100), kQ, 0.1), stats::kMostRelief);
}

struct Discoveries {
  double alone = 0, together = 0, false_share = 0;
};

// 1,000 e-values exp(m z - m^2 / 2), the first `drifting` of them with a true change of m; means over 400 draws.
Discoveries discoveries(int drifting) {
  constexpr int kSeries = 1000, kDraws = 400;
  constexpr double kSize = 3.5;
  Discoveries mean;
  for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
    Random random(draw);
    std::vector<double> margins;
    for (int i = 0; i < kSeries; ++i) {
      const double z = random.normal() + (i < drifting ? kSize : 0);
      margins.push_back(kSize * z - kSize * kSize / 2 - std::log(kSeries));
    }
    const double relief = stats::e_bh_relief(margins, kQ, 1);
    double found = 0, wrong = 0;
    for (int i = 0; i < kSeries; ++i) {
      if (margins[static_cast<std::size_t>(i)] >= 0 && i < drifting) mean.alone += 1.0 / kDraws;
      if (relief == 0 || margins[static_cast<std::size_t>(i)] < -relief) continue;
      (i < drifting ? found : wrong) += 1;
    }
    mean.together += found / kDraws;
    if (found + wrong > 0) mean.false_share += wrong / (found + wrong) / kDraws;
  }
  return mean;
}

TEST(EBh, FindsMoreOfWhatDriftsTogetherAndKeepsFalseOnesToATenth) {
  const Discoveries many = discoveries(200);
  EXPECT_GT(many.together, 1.5 * many.alone);
  EXPECT_LT(many.false_share, kQ);
}

TEST(EBh, DiscoversNothingWhereNothingDrifts) { EXPECT_LT(discoveries(0).false_share, 0.01); }

TEST(SimultaneousAlarms, CountEverySeriesOnceAndForgetAfterADay) {
  const core::EventTime start{1'772'409'600'000'000};
  detectors::SimultaneousAlarms alarms;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 40; ++i) alarms.report("series " + std::to_string(i), 1, start);
  }
  EXPECT_EQ(alarms.relief(), 0) << "only once the bucket time has ended";
  alarms.bucket_time_ended(start, 1);
  EXPECT_NEAR(alarms.relief(), std::log(4), 1e-9);
  alarms.bucket_time_ended(start + core::hours(25), 1);
  EXPECT_EQ(alarms.relief(), 0);
}

TEST(SimultaneousAlarms, ASeriesFarFromItsThresholdIsForgotten) {
  const core::EventTime start{1'772'409'600'000'000};
  detectors::SimultaneousAlarms alarms;
  for (int i = 0; i < 40; ++i) alarms.report("series " + std::to_string(i), 1, start);
  for (int i = 0; i < 20; ++i) alarms.report("series " + std::to_string(i), -100, start);
  alarms.bucket_time_ended(start, 1);
  EXPECT_NEAR(alarms.relief(), std::log(2), 1e-9);
}

TEST(SimultaneousAlarms, ARestoredOneGoesOnAsTheFirst) {
  const core::EventTime start{1'772'409'600'000'000};
  detectors::SimultaneousAlarms alarms, restored;
  for (int i = 0; i < 40; ++i) alarms.report("series " + std::to_string(i), i, start);
  alarms.bucket_time_ended(start, 1);
  core::ByteWriter bytes;
  alarms.save(bytes);
  ASSERT_TRUE(restored.restore(bytes.bytes()));
  EXPECT_EQ(restored.relief(), alarms.relief());
  core::ByteWriter again;
  restored.save(again);
  EXPECT_EQ(again.bytes(), bytes.bytes());
  EXPECT_FALSE(restored.restore("\x7f"));
  EXPECT_EQ(restored.relief(), 0);
}

// Series of one attempt in five a bucket that are judged together, as the daemon does.
class Fleet {
 public:
  Fleet(int size, bool together, std::uint64_t seed) : random_(seed), together_(together) {
    for (int i = 0; i < size; ++i) series_.push_back(std::make_unique<JudgeHarness>("retry_rate", 20 * size));
  }
  // Buckets until five in six series have told, or `most`: the last ones wait for chance.
  int play(double retry_rate, int most) {
    std::vector<bool> told(series_.size());
    for (int bucket = 1; bucket <= most; ++bucket) {
      for (std::size_t i = 0; i < series_.size(); ++i) {
        core::UsageEvent event;
        event.retries = random_.chance(retry_rate) ? 1 : 0;
        event.cost = core::from_usd(0.01);
        series_[i]->call(event);
        series_[i]->relieve(together_ ? alarms_.relief() : 0);
        told[i] = told[i] || !series_[i]->close().empty();
        alarms_.report(std::to_string(i), series_[i]->margin(), series_[i]->now());
        series_[i]->skip(kPause);
      }
      alarms_.bucket_time_ended(series_.front()->now(), 1);
      most_relief_ = std::max(most_relief_, alarms_.relief());
      if (6 * std::count(told.begin(), told.end(), true) >= 5 * static_cast<int>(told.size())) return bucket;
    }
    return most;
  }
  double most_relief() const { return most_relief_; }
  JudgeHarness& first() { return *series_.front(); }

 private:
  static constexpr core::Duration kPause = core::seconds(55);
  Random random_;
  bool together_;
  std::vector<std::unique_ptr<JudgeHarness>> series_;
  detectors::SimultaneousAlarms alarms_;
  double most_relief_ = 0;
};

constexpr int kLearnt = 1500;  // minutes: 25 h

TEST(SimultaneousAlarms, ManySeriesThatDriftTogetherAreToldSooner) {
  int alone_after = 0, together_after = 0;
  for (const std::uint64_t seed : {1, 2, 3}) {
    Fleet alone(120, false, seed), together(120, true, seed);
    for (Fleet* fleet : {&alone, &together}) ASSERT_EQ(fleet->play(0.05, kLearnt), kLearnt);
    alone_after += alone.play(0.12, 2000);
    together_after += together.play(0.12, 2000);
    EXPECT_GT(together.most_relief(), 2) << seed;
  }
  EXPECT_LT(together_after, 0.93 * alone_after) << alone_after;
}

TEST(SimultaneousAlarms, SeriesThatDoNotDriftGiveNoRelief) {
  Fleet fleet(60, true, 7);
  EXPECT_EQ(fleet.play(0.05, 2 * kLearnt), 2 * kLearnt);
  EXPECT_EQ(fleet.most_relief(), 0);
}

TEST(SimultaneousAlarms, AMarginOutlivesARestart) {
  Fleet fleet(1, true, 7);
  ASSERT_EQ(fleet.play(0.05, kLearnt), kLearnt);
  (void)fleet.play(0.5, 8);
  const double margin = fleet.first().margin();
  EXPECT_GT(margin, -5);
  ASSERT_TRUE(fleet.first().restart());
  EXPECT_DOUBLE_EQ(fleet.first().margin(), margin);
}

}  // namespace
}  // namespace costdrift::tests
