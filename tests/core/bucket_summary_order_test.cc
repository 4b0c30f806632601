// A summary is a function of the events alone: every order and every grouping of merges gives the same one.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "core/bucket_summary.h"

namespace costdrift::core {
namespace {

constexpr std::int64_t kCalls = 300;

std::int64_t draw(std::mt19937_64& random, std::int64_t bound) {
  return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(bound));
}

RunDelta random_run(std::mt19937_64& random, std::uint64_t run) {
  RunDelta delta{.run = run, .calls = 1, .max_step = draw(random, 9), .ended = draw(random, 5) == 0};
  delta.last_call = {draw(random, 1'000'000)};
  delta.cost = {draw(random, 1'000)};
  delta.tokens = draw(random, 1'000);
  if (draw(random, 2) == 0) delta.run_id = "run-" + std::to_string(run);
  delta.depth = draw(random, 9);
  if (draw(random, 2) == 0) delta.first_call = {draw(random, 1'000'000)};
  return delta;
}

// The summary of one call; far more attribute sets than are kept, costs with many ties.
BucketSummary random_call(std::mt19937_64& random, std::int64_t offset) {
  BucketSummary call;
  call.totals.calls = 1;
  call.totals.input_tokens = draw(random, 10'000);
  call.totals.cost = {draw(random, 5)};
  for (const char* metric : {"prompt_tokens", "output_tokens", "tool_calls"}) {
    if (draw(random, 3) > 0) call.metrics[metric] = {{static_cast<std::int16_t>(draw(random, 40)), kOneCall}};
  }
  AttributeSet set;
  if (draw(random, 10) > 0) set.emplace_back(Dimension::team, std::to_string(draw(random, 150)));
  if (draw(random, 2) > 0) set.emplace_back(Dimension::env, draw(random, 2) > 0 ? "prod" : "test");
  call.add_attributes(set, {.calls = 1, .input_tokens = call.totals.input_tokens, .cost = call.totals.cost});
  const auto run = static_cast<std::uint64_t>(1 + draw(random, 10));
  call.runs[run] = random_run(random, run);
  call.add_sample({call.totals.cost, "llm.usage", static_cast<std::int32_t>(offset % 3), offset, "", ""});
  return call;
}

void expect_same(const BucketSummary& a, const BucketSummary& b) {
  EXPECT_EQ(a.totals, b.totals);
  EXPECT_EQ(a.metrics, b.metrics);
  EXPECT_EQ(a.attributes, b.attributes);
  EXPECT_EQ(a.samples, b.samples);
  EXPECT_TRUE(a == b);
}

BucketSummary merged_in_a_row(const std::vector<BucketSummary>& parts) {
  BucketSummary sum;
  for (const BucketSummary& part : parts) sum.merge(part);
  return sum;
}

// Every part goes into one of a few partial sums, and partial sums into each other, as with partitions and daemons.
BucketSummary merged_in_groups(const std::vector<BucketSummary>& parts, std::mt19937_64& random) {
  std::vector<BucketSummary> groups(7);
  for (const BucketSummary& part : parts) groups[static_cast<std::size_t>(draw(random, 7))].merge(part);
  while (groups.size() > 1) {
    std::shuffle(groups.begin(), groups.end(), random);
    const BucketSummary last = std::move(groups.back());
    groups.pop_back();
    groups.back().merge(last);
  }
  return groups.front();
}

class MergeOrder : public testing::TestWithParam<int> {};

TEST_P(MergeOrder, DoesNotMatter) {
  std::mt19937_64 random(static_cast<std::uint64_t>(GetParam()));
  std::vector<BucketSummary> calls;
  for (std::int64_t offset = 0; offset < kCalls; ++offset) calls.push_back(random_call(random, offset));
  const BucketSummary expected = merged_in_a_row(calls);
  ASSERT_EQ(expected.attributes.size(), kMaxAttributeSets + 1) << "the overflow must be exercised";
  for (int round = 0; round < 3; ++round) {
    std::shuffle(calls.begin(), calls.end(), random);
    expect_same(merged_in_a_row(calls), expected);
    expect_same(merged_in_groups(calls, random), expected);
  }
}

TEST_P(MergeOrder, NothingIsLost) {
  std::mt19937_64 random(static_cast<std::uint64_t>(GetParam()));
  BucketSummary sum;
  Weight observed = 0;
  std::int64_t tokens = 0;
  for (std::int64_t offset = 0; offset < kCalls; ++offset) {
    const BucketSummary call = random_call(random, offset);
    tokens += call.totals.input_tokens;
    observed += call.counts("prompt_tokens").empty() ? 0 : 1;
    sum.merge(call);
  }
  AttributeTotals all;
  for (const auto& [set, totals] : sum.attributes) all.add(totals);
  EXPECT_EQ(sum.totals.calls, kCalls);
  EXPECT_EQ(sum.totals.input_tokens, tokens);
  EXPECT_EQ(all.calls, kCalls);
  EXPECT_EQ(all.input_tokens, tokens);
  EXPECT_EQ(all.cost, sum.totals.cost);
  EXPECT_EQ(total_calls(sum.counts("prompt_tokens")), static_cast<double>(observed));
}

INSTANTIATE_TEST_SUITE_P(Seeds, MergeOrder, testing::Range(1, 4));

}  // namespace
}  // namespace costdrift::core
