#include <gtest/gtest.h>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

// Prompts of 1,500 tokens and what retrieval adds, at $3 a million.
core::UsageEvent call(Random& random, double retrieved) {
  core::UsageEvent event;
  event.retrieved_tokens = std::llround(random.log_normal(retrieved, 0.4));
  event.input_tokens = 1500 + *event.retrieved_tokens;
  event.cost = event.input_cost = {*event.input_tokens * 3000};
  return event;
}

TEST(ContextGrowth, FindsRetrievalThatReturnsFourTimesAsMuch) {
  const Trials trials = try_detector(
      "context_growth", [](Random& r, bool drifted) { return call(r, drifted ? 8000 : 2000); }, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 40);
  EXPECT_TRUE(trials.last.specific) << "it leads before prompt_growth";
  EXPECT_EQ(trials.last.cost_part, core::CostPart::input);
}

TEST(ContextGrowth, FindsAQuarterMore) {
  const Trials trials = try_detector(
      "context_growth", [](Random& r, bool drifted) { return call(r, drifted ? 2500 : 2000); }, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_LT(trials.mean_calls, 400);
}

TEST(ContextGrowth, PricesTheExtraContextAlone) {
  Random random(3);
  JudgeHarness harness("context_growth", kTrialJudges);
  const auto draw = [](Random& r, bool drifted) { return call(r, drifted ? 8000 : 2000); };
  play(harness, random, draw, false, 26 * kBucketsPerHour);
  const auto findings = play(harness, random, draw, true, kBucketsPerHour);
  ASSERT_FALSE(findings.empty());
  const double calls = static_cast<double>(findings.back().calls);
  const double truth = calls * 6000 * std::exp(0.08) * 3e-6;
  EXPECT_NEAR(core::to_usd(findings.back().excess_so_far), truth, 0.1 * truth);
}

TEST(ContextGrowth, IsSilentWhereNothingChangesAndWhereNothingIsRetrieved) {
  EXPECT_LE(quiet_alarms("context_growth", [](Random& r, bool) { return call(r, 2000); }), 1U);
  JudgeHarness harness("context_growth");
  core::UsageEvent plain;
  plain.input_tokens = 100;
  plain.retrieved_tokens = 0;
  harness.call(plain);
  EXPECT_TRUE(harness.open().metrics.empty());
}

}  // namespace
}  // namespace costdrift::tests
