#include "detectors/siblings.h"

#include <gtest/gtest.h>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

using detectors::Siblings;
namespace stats = detectors::stats;

stats::LaneFamily rates() {
  return {.lanes = {}, .log_bins = false, .bins = 2, .score = [](int bin) { return bin * 1.0; }};
}

void contribute(Siblings& siblings, double rate, double calls, double inflation = 1) {
  const auto weight = [&](double share) { return static_cast<core::Weight>(share * calls * core::kOneCall); };
  siblings.contribute("retry", rates(), {{0, weight(1 - rate)}, {1, weight(rate)}}, inflation);
}

TEST(Siblings, FourAreTooFew) {
  Siblings siblings;
  for (int i = 0; i < 4; ++i) contribute(siblings, 0.05, 5000);
  EXPECT_FALSE(siblings.prior("retry", rates()));
  contribute(siblings, 0.05, 5000);
  EXPECT_TRUE(siblings.prior("retry", rates()));
  EXPECT_FALSE(siblings.prior("another", rates()));
}

// Rates with mean 5 % and standard deviation 2 %: a beta law worth 0.05 * 0.95 / 0.02^2 - 1 = 118 calls.
TEST(Siblings, PriorIsWorthAsManyCallsAsTheSpreadSays) {
  Siblings siblings;
  Random random(4);
  for (int i = 0; i < 400; ++i) contribute(siblings, std::max(0.001, 0.05 + 0.02 * random.normal()), 20'000);
  const auto prior = siblings.prior("retry", rates());
  ASSERT_TRUE(prior);
  EXPECT_NEAR(core::total_calls(prior->counts), 118, 20);
  ASSERT_EQ(prior->counts.size(), 2U);
  EXPECT_NEAR(static_cast<double>(prior->counts[1].weight) / core::kOneCall, 118 * 0.05, 1.2);
}

TEST(Siblings, AlikeSiblingsAreBelievedMostAndUnlikeOnesLittle) {
  Siblings alike, unlike;
  for (int i = 0; i < 20; ++i) {
    contribute(alike, 0.05, 5000);
    contribute(unlike, i % 2 == 0 ? 0.01 : 0.6, 5000);
  }
  EXPECT_NEAR(core::total_calls(alike.prior("retry", rates())->counts), 500, 1);
  EXPECT_LT(core::total_calls(unlike.prior("retry", rates())->counts), 5);
}

TEST(Siblings, QuantitiesShareTheirInflationOnly) {
  Siblings siblings;
  for (int i = 0; i < 10; ++i)
    siblings.contribute("tokens", stats::growth_family(), {{100, core::kOneCall}}, 1 + i % 2);
  const auto prior = siblings.prior("tokens", stats::growth_family());
  ASSERT_TRUE(prior);
  EXPECT_TRUE(prior->counts.empty());
  EXPECT_NEAR(prior->inflation, 2.03, 0.01);
}

TEST(Siblings, RestoredOnesAreTheSame) {
  Siblings siblings, restored;
  for (int i = 0; i < 8; ++i) contribute(siblings, 0.01 * (i + 1), 500, 1 + i);
  core::ByteWriter bytes, again;
  siblings.save(bytes);
  ASSERT_TRUE(restored.restore(bytes.bytes()));
  restored.save(again);
  EXPECT_EQ(again.bytes(), bytes.bytes());
  EXPECT_FALSE(restored.restore("\x7f"));
}

core::UsageEvent attempt(Random& random, double rate) {
  core::UsageEvent event;
  event.retries = random.chance(rate) ? 1 : 0;
  event.cost = core::from_usd(0.05);
  return event;
}

core::UsageEvent prompt(Random& random, double factor) {
  core::UsageEvent event;
  event.input_tokens = std::llround(random.log_normal(2000, 0.6) * factor);
  event.cost = event.input_cost = core::from_usd(static_cast<double>(*event.input_tokens) * 3e-6);
  return event;
}

Siblings of_retries() {
  Siblings siblings;
  Random random(9);
  for (int i = 0; i < 40; ++i) contribute(siblings, std::max(0.005, 0.05 + 0.02 * random.normal()), 5000);
  return siblings;
}

constexpr int kHours = 12;

// Findings of the first hours of a new series, with a change after `quiet_hours`.
std::vector<core::Finding> first_day(std::string_view detector, Siblings* siblings, std::uint64_t seed,
                                     const Draw& draw, int quiet_hours) {
  Random random(seed);
  JudgeHarness harness(detector, kTrialJudges);
  if (siblings != nullptr) harness.meet(*siblings);
  auto findings = play(harness, random, draw, false, quiet_hours * kBucketsPerHour);
  for (auto& one : play(harness, random, draw, true, (kHours - quiet_hours) * kBucketsPerHour)) findings.push_back(one);
  return findings;
}

TEST(FirstDay, RetriesThatTripleAreFoundWithSiblingsAndNotWithout) {
  Siblings siblings = of_retries();
  const Draw draw = [](Random& random, bool drifted) { return attempt(random, drifted ? 0.2 : 0.06); };
  const auto found = first_day("retry_rate", &siblings, 1, draw, 4);
  ASSERT_FALSE(found.empty());
  EXPECT_GT(found.front().harm_low, 0.3);
  EXPECT_TRUE(first_day("retry_rate", nullptr, 1, draw, 4).empty());
}

TEST(FirstDay, PromptsThatDoubleAreFoundWithCalmSiblings) {
  Siblings calm;
  for (int i = 0; i < 10; ++i) calm.contribute("input_tokens", stats::growth_family(), {{100, core::kOneCall}}, 1);
  const Draw draw = [](Random& random, bool drifted) { return prompt(random, drifted ? 2 : 1); };
  EXPECT_FALSE(first_day("prompt_growth", &calm, 2, draw, 6).empty());
  const Draw a_fifth_longer = [](Random& random, bool drifted) { return prompt(random, drifted ? 1.2 : 1); };
  EXPECT_TRUE(first_day("prompt_growth", &calm, 2, a_fifth_longer, 6).empty()) << "too small for a first day";
}

// A tenth of a false alarm a week each: 0.1 are to be expected.
TEST(FirstDay, WhatStaysAsItIsKeepsToItsShareOfTheBudget) {
  const Draw retries = [](Random& random, bool) { return attempt(random, 0.06); };
  int alarms = 0;
  for (std::uint64_t seed = 0; seed < 12; ++seed) {
    Siblings siblings = of_retries();
    alarms += first_day("retry_rate", &siblings, 20 + seed, retries, kHours).empty() ? 0 : 1;
  }
  EXPECT_LE(alarms, 1);
}

}  // namespace
}  // namespace costdrift::tests
