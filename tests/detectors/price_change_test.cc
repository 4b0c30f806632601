// Arithmetic: three calls in a row decide, and nothing but the price does.
#include <gtest/gtest.h>

#include "detectors/price_ratio.h"
#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

// A call of some size that is billed at so much of the list price.
core::UsageEvent call(Random& random, double ratio) {
  core::UsageEvent event;
  event.list_cost = core::NanoUsd{std::llround(random.log_normal(5'000'000, 0.8)) + 100'000};
  event.reported_cost = core::NanoUsd{std::llround(static_cast<double>(event.list_cost->nano) * ratio)};
  event.cost = *event.reported_cost;
  event.cost_source = core::CostSource::reported;
  return event;
}

std::vector<core::Finding> after_a_day(JudgeHarness& harness, const Draw& draw, int buckets) {
  Random random(4);
  EXPECT_TRUE(play(harness, random, draw, false, 26 * kBucketsPerHour).empty());
  return play(harness, random, draw, true, buckets);
}

TEST(PriceChange, ThreeCallsDecide) {
  const auto draw = [](Random& r, bool drifted) { return call(r, drifted ? 1.2 : 1); };
  const Trials trials = try_detector("price_change", draw, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_EQ(trials.mean_calls, kCallsPerBucket) << "the first bucket holds four";
  EXPECT_NEAR(trials.last.effect, 0.2, 1e-6);
  EXPECT_TRUE(trials.last.exact);
  EXPECT_EQ(trials.last.cost_part, core::CostPart::price);
}

TEST(PriceChange, OnePercentIsSeenAndAQuarterIsNot) {
  JudgeHarness harness("price_change", kTrialJudges);
  EXPECT_FALSE(after_a_day(
                   harness, [](Random& r, bool drifted) { return call(r, drifted ? 1.01 : 1); }, 2)
                   .empty());
  JudgeHarness other("price_change", kTrialJudges);
  EXPECT_TRUE(after_a_day(
                  other, [](Random& r, bool drifted) { return call(r, drifted ? 1.0025 : 1); }, 50)
                  .empty());
}

TEST(PriceChange, TheExcessIsExact) {
  JudgeHarness harness("price_change", kTrialJudges);
  core::NanoUsd beyond;
  const auto draw = [&](Random& r, bool drifted) {
    const core::UsageEvent event = call(r, drifted ? 1.5 : 1);
    if (drifted) beyond += *event.reported_cost - *event.list_cost;
    return event;
  };
  const auto findings = after_a_day(harness, draw, 121);  // the second finding comes after ten minutes
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_NEAR(core::to_usd(findings.back().excess_so_far), core::to_usd(beyond), 1e-3 * core::to_usd(beyond));
}

TEST(PriceChange, SeveralRatiosAreNormal) {
  const auto draw = [](Random& r, bool) { return call(r, r.chance(0.3) ? 0.5 : r.chance(0.5) ? 0.9 : 1); };
  EXPECT_EQ(quiet_alarms("price_change", draw), 0U);
}

TEST(PriceChange, ATierThatBecomesDearerAmongOthersIsSeenToo) {
  JudgeHarness harness("price_change", kTrialJudges);
  const auto draw = [](Random& r, bool drifted) { return call(r, r.chance(0.3) ? (drifted ? 0.7 : 0.5) : 1); };
  EXPECT_FALSE(after_a_day(harness, draw, 60).empty());
}

TEST(PriceChange, ALowerPriceIsLearnedAndItsEndIsTold) {
  JudgeHarness harness("price_change", kTrialJudges);
  EXPECT_TRUE(after_a_day(
                  harness, [](Random& r, bool drifted) { return call(r, drifted ? 0.8 : 1); }, 720)
                  .empty());
  Random random(8);
  const auto findings = play(
      harness, random, [](Random& r, bool) { return call(r, 1); }, true, 2);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_NEAR(findings.front().effect, 0.25, 1e-3);
}

TEST(PriceChange, RecordedAsFreeHasNoDollarsButSaysWhatItCosts) {
  JudgeHarness harness("price_change", kTrialJudges);
  const auto findings = after_a_day(
      harness, [](Random& r, bool drifted) { return call(r, drifted ? 0 : 1); }, 2);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_FALSE(findings.front().money_known);
  EXPECT_GT(findings.front().harm_low, 0);
  EXPECT_NE(findings.front().note.find("recorded as free"), std::string::npos);
}

TEST(PriceChange, AFreeModelMayStayFree) {
  EXPECT_EQ(quiet_alarms("price_change", [](Random& r, bool) { return call(r, 0); }), 0U);
}

TEST(PriceChange, RecoversWhenThePriceIsBack) {
  JudgeHarness harness("price_change", kTrialJudges);
  ASSERT_FALSE(after_a_day(
                   harness, [](Random& r, bool drifted) { return call(r, drifted ? 1.2 : 1); }, 20)
                   .empty());
  Random random(8);
  const auto findings = play(
      harness, random, [](Random& r, bool) { return call(r, 1); }, true, 20);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings.front().phase, core::FindingPhase::recovered);
}

TEST(PriceChange, WhatIsExpectedBecomesTheNewNormal) {
  JudgeHarness harness("price_change", kTrialJudges);
  const auto dearer = [](Random& r, bool drifted) { return call(r, drifted ? 1.2 : 1); };
  ASSERT_FALSE(after_a_day(harness, dearer, 20).empty());
  harness.judge().rebase({});
  Random random(8);
  EXPECT_TRUE(play(harness, random, dearer, true, 500).empty());
  EXPECT_NEAR(play(
                  harness, random, [](Random& r, bool) { return call(r, 1.44); }, true, 2)
                  .front()
                  .effect,
              0.2, 0.01);
}

TEST(PriceRatio, LeavesOutWhatCannotBeCompared) {
  JudgeHarness harness("price_change");
  Random random(1);
  core::UsageEvent tiny = call(random, 1), hit = tiny, unlisted = tiny, failed = tiny;
  tiny.list_cost = core::NanoUsd{50'000};
  hit.gateway_cache_hit = true;
  unlisted.list_cost.reset();
  failed.status = core::CallStatus::error;
  for (const auto& event : {tiny, hit, unlisted, failed}) harness.call(event);
  EXPECT_TRUE(harness.open().metrics.empty());
}

TEST(PriceRatio, BinsAreAQuarterOfAPercent) {
  EXPECT_NEAR(detectors::price_ratio(896), 1, 1e-12);
  EXPECT_NEAR(detectors::price_ratio(897), 1.0025, 1e-12);
  EXPECT_TRUE(detectors::same_price(896, 898));
  EXPECT_FALSE(detectors::same_price(896, 899));
  EXPECT_FALSE(detectors::same_price(detectors::kFree, 1));
}

}  // namespace
}  // namespace costdrift::tests
