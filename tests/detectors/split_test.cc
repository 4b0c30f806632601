// Exact splits: parts add up whatever the numbers, and each pure cause lands in its own part.
#include "detectors/stats/split.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "detectors/bill_split.h"
#include "tests/support/random.h"

namespace costdrift::tests {
namespace {

using core::CostPart;
using detectors::BillChange;

// 1,000 calls of 2,000 input tokens at $3 and 200 output tokens at $15 a million; half of the input cached at a tenth.
core::Totals usual_bill() {
  core::Totals t;
  t.calls = t.attempts = 1000;
  t.input_tokens = t.cache_eligible_tokens = 2'000'000;
  t.cache_read_tokens = 1'000'000;
  t.output_tokens = 200'000;
  t.cacheable_cost = {5'400'000'000};
  t.input_cost = {3'300'000'000};
  t.output_cost = {3'000'000'000};
  t.cost = t.input_cost + t.output_cost;
  return t;
}

std::int64_t nano(const core::CostSplit& split, CostPart part) { return split[static_cast<std::size_t>(part)].nano; }

core::CostSplit whole_split(const BillChange& change) {
  const auto parts = detectors::bill_parts(change);
  return detectors::split_whole(core::from_usd(std::accumulate(parts.begin(), parts.end(), 0.0)), change,
                                CostPart::price);
}

void expect_pure(const BillChange& change, CostPart part) {
  const core::CostSplit split = whole_split(change);
  EXPECT_GT(nano(split, part), 0) << core::cost_part_name(part);
  EXPECT_NEAR(static_cast<double>(nano(split, part)) / static_cast<double>(detectors::total(split).nano), 1, 1e-6)
      << core::cost_part_name(part);
}

core::Totals random_bill(Random& random) {
  core::Totals t = usual_bill();
  const auto vary = [&](std::int64_t& value) {
    value = std::llround(static_cast<double>(value) * random.log_normal(1, 1));
  };
  vary(t.calls);
  t.retries = t.calls / 10;
  t.attempts = t.calls;
  for (std::int64_t* value : {&t.input_tokens, &t.output_tokens, &t.input_cost.nano, &t.output_cost.nano}) vary(*value);
  t.cache_eligible_tokens = t.input_tokens;
  t.cache_read_tokens = std::llround(static_cast<double>(t.input_tokens) * random.uniform());
  t.cost = t.input_cost + t.output_cost;
  t.retry_cost = {std::llround(static_cast<double>(t.cost.nano) * 0.5 * random.uniform())};
  return t;
}

TEST(SplitProduct, AddsUpToTheChange) {
  Random random(1);
  for (int trial = 0; trial < 1000; ++trial) {
    double log_ratios[4];
    double total = 0;
    for (double& log : log_ratios) total += log = random.normal();
    const double before = random.log_normal(100, 3), after = before * std::exp(total);
    const auto parts = detectors::stats::split_product(before, after, log_ratios);
    EXPECT_NEAR(std::accumulate(parts.begin(), parts.end(), 0.0), after - before, 1e-9 * (after + before));
  }
  EXPECT_DOUBLE_EQ(detectors::stats::logarithmic_mean(7, 7), 7);
}

TEST(Apportion, IntegersThatAddUpEachAtMostOneAway) {
  Random random(2);
  for (int trial = 0; trial < 2000; ++trial) {
    double shares[8], positive = 0;
    for (double& share : shares) share = random.chance(0.3) ? -random.uniform() : random.uniform();
    for (const double share : shares) positive += std::max(0.0, share);
    const auto whole = static_cast<std::int64_t>(random.bits() % 1'000'000);
    const auto parts = detectors::stats::apportion(whole, shares, 3);
    EXPECT_EQ(std::accumulate(parts.begin(), parts.end(), std::int64_t{0}), whole);
    for (std::size_t i = 0; i < 8; ++i) {
      EXPECT_NEAR(static_cast<double>(parts[i]), static_cast<double>(whole) * std::max(0.0, shares[i]) / positive, 1.0);
    }
  }
  const double nothing[] = {-1, 0, -2};
  EXPECT_EQ(detectors::stats::apportion(7, nothing, 2), (std::vector<std::int64_t>{0, 0, 7}));
  EXPECT_EQ(detectors::stats::apportion(-7, nothing, 1), (std::vector<std::int64_t>{-2, 0, -5}));
}

TEST(BillParts, AddUpToTheChangeOfTheBill) {
  Random random(3);
  for (int trial = 0; trial < 1000; ++trial) {
    const core::Totals before = random_bill(random), after = random_bill(random);
    const BillChange change{.before = before,
                            .after = after,
                            .volume_ratio = random.log_normal(1, 0.3),
                            .steps_ratio = random.log_normal(1, 0.3)};
    const auto parts = detectors::bill_parts(change);
    const double work = static_cast<double>(after.attempts - after.retries) /
                        static_cast<double>(before.attempts - before.retries) / change.volume_ratio /
                        change.steps_ratio;
    const double expected = core::to_usd(after.cost) - core::to_usd(before.cost) * work;
    EXPECT_NEAR(std::accumulate(parts.begin(), parts.end(), 0.0), expected,
                1e-9 * core::to_usd(after.cost + before.cost));
    const auto split = detectors::split_whole({123'456'789}, change, CostPart::input);
    EXPECT_EQ(detectors::total(split).nano, 123'456'789);
  }
}

TEST(BillParts, EachPureCauseLandsInItsOwnPart) {
  const core::Totals before = usual_bill();
  core::Totals after = before;
  after.input_tokens = after.cache_eligible_tokens = 3'000'000;
  after.cache_read_tokens = 1'500'000;
  after.cacheable_cost = {8'100'000'000};
  after.input_cost = {4'950'000'000};
  after.cost = after.input_cost + after.output_cost;
  expect_pure({.before = before, .after = after}, CostPart::input);

  after = before;
  after.output_tokens *= 2;
  after.output_cost = {6'000'000'000};
  after.cost = after.input_cost + after.output_cost;
  expect_pure({.before = before, .after = after}, CostPart::output);

  after = before;
  after.cache_read_tokens = 0;
  after.input_cost = {6'000'000'000};
  after.cost = after.input_cost + after.output_cost;
  expect_pure({.before = before, .after = after}, CostPart::cache);

  after = before;
  for (core::NanoUsd* cost : {&after.input_cost, &after.output_cost, &after.cost, &after.cacheable_cost}) {
    cost->nano = cost->nano * 14 / 10;
  }
  expect_pure({.before = before, .after = after}, CostPart::price);
  expect_pure({.before = before, .after = before, .volume_ratio = 2}, CostPart::volume);
  expect_pure({.before = before, .after = before, .steps_ratio = 2}, CostPart::steps);
}

TEST(BillParts, RetriesAreRetriesHoweverTheyAreReported) {
  const core::Totals before = usual_bill();
  core::Totals own_events = before;
  own_events.calls = own_events.attempts = 1250;
  own_events.retries = 250;
  for (std::int64_t* value : {&own_events.input_tokens, &own_events.cache_eligible_tokens,
                              &own_events.cache_read_tokens, &own_events.output_tokens, &own_events.cacheable_cost.nano,
                              &own_events.input_cost.nano, &own_events.output_cost.nano, &own_events.cost.nano}) {
    *value = *value * 5 / 4;
  }
  own_events.retry_cost = {own_events.cost.nano / 5};
  expect_pure({.before = before, .after = own_events}, CostPart::retry);

  core::Totals counted = own_events;  // one event for each call, its cost that of all attempts
  counted.calls = 1000;
  for (std::int64_t* value :
       {&counted.input_tokens, &counted.cache_eligible_tokens, &counted.cache_read_tokens, &counted.output_tokens}) {
    *value = *value * 4 / 5;
  }
  expect_pure({.before = before, .after = counted}, CostPart::retry);
}

TEST(BillParts, CallsThatMoveToADearerModelAreMix) {
  const std::map<std::string, core::AttributeTotals> models_before{
      {"cheap", {.calls = 900, .input_tokens = 900'000, .output_tokens = 90'000, .cost = {900'000'000}}},
      {"dear", {.calls = 100, .input_tokens = 100'000, .output_tokens = 10'000, .cost = {1'000'000'000}}}};
  auto models_after = models_before;
  models_after["cheap"] = {.calls = 700, .input_tokens = 700'000, .output_tokens = 70'000, .cost = {700'000'000}};
  models_after["dear"] = {.calls = 300, .input_tokens = 300'000, .output_tokens = 30'000, .cost = {3'000'000'000}};
  const auto bill = [](std::int64_t cost) {
    core::Totals t;
    t.calls = t.attempts = 1000;
    t.input_tokens = 1'000'000;
    t.output_tokens = 100'000;
    t.cost = {cost};
    t.input_cost = t.output_cost = {cost / 2};
    return t;
  };
  const core::Totals before = bill(1'900'000'000), after = bill(3'700'000'000);
  expect_pure({.before = before, .after = after, .models_before = &models_before, .models_after = &models_after},
              CostPart::mix);
}

TEST(SplitCause, KeepsItsOwnAndNamesWhatElseRoseByMoreThanNoise) {
  const core::Totals before = usual_bill();
  core::Totals after = before;
  after.input_cost = {4'300'000'000};
  after.input_tokens = after.cache_eligible_tokens = 2'606'060;
  after.cache_read_tokens = 1'303'030;
  after.cacheable_cost = {7'036'363'636};
  after.output_tokens *= 2;
  after.output_cost = {6'000'000'000};
  after.cost = after.input_cost + after.output_cost;
  const auto split = detectors::split_cause({1'000'000'000}, CostPart::input, {.before = before, .after = after}, 0.05);
  EXPECT_EQ(nano(split, CostPart::input), 1'000'000'000);
  EXPECT_NEAR(static_cast<double>(nano(split, CostPart::output)), 3e9, 1e6);
  EXPECT_EQ(detectors::total(split).nano, nano(split, CostPart::input) + nano(split, CostPart::output));

  // All that rose is within the noise: everything stays with the cause.
  const auto alone = detectors::split_cause({1'000'000'000}, CostPart::input, {.before = before, .after = after}, 0.5);
  EXPECT_EQ(detectors::total(alone).nano, 1'000'000'000);
  // The bill did not rise at all, so nothing else can have risen.
  const auto flat = detectors::split_cause({1'000'000'000}, CostPart::retry, {.before = before, .after = before}, 0.05);
  EXPECT_EQ(nano(flat, CostPart::retry), 1'000'000'000);
  EXPECT_EQ(detectors::total(flat).nano, 1'000'000'000);
}

}  // namespace
}  // namespace costdrift::tests
