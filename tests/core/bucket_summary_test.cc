#include "core/bucket_summary.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace costdrift::core {
namespace {

TEST(MergeCounts, AddsEqualBinsAndKeepsOrder) {
  Counts into = {{2, 10}, {5, 20}, {9, 30}};
  merge_counts(into, {{1, 1}, {5, 2}, {7, 3}, {12, 4}});
  EXPECT_EQ(into, (Counts{{1, 1}, {2, 10}, {5, 22}, {7, 3}, {9, 30}, {12, 4}}));
}

TEST(MergeCounts, HandlesEmptySides) {
  Counts into;
  merge_counts(into, {});
  EXPECT_TRUE(into.empty());
  merge_counts(into, {{3, 4}});
  EXPECT_EQ(into, (Counts{{3, 4}}));
  merge_counts(into, {});
  EXPECT_EQ(into, (Counts{{3, 4}}));
}

TEST(TotalCalls, CountsInCalls) {
  EXPECT_EQ(total_calls({}), 0);
  EXPECT_EQ(total_calls({{1, kOneCall}, {2, kOneCall / 2}}), 1.5);
}

TEST(BucketSummary, AnUnknownMetricIsEmpty) {
  BucketSummary summary;
  EXPECT_TRUE(summary.empty());
  EXPECT_TRUE(summary.counts("prompt_tokens").empty());
  summary.metrics["prompt_tokens"] = {{7, kOneCall}};
  EXPECT_EQ(summary.counts("prompt_tokens").size(), 1u);
  EXPECT_FALSE(summary.empty());
}

Sample sample_of(std::int64_t cost, std::int32_t partition, std::int64_t offset) {
  return {{cost}, "llm.usage", partition, offset, "trace", ""};
}

TEST(Samples, KeepTheDearestAndBreakTiesByPlace) {
  BucketSummary summary;
  EXPECT_TRUE(summary.wants_sample({0}));
  for (const Sample& sample : {sample_of(5, 1, 9), sample_of(7, 0, 1), sample_of(5, 0, 9), sample_of(5, 0, 2),
                               sample_of(1, 0, 0), sample_of(9, 3, 3)}) {
    summary.add_sample(sample);
  }
  EXPECT_EQ(summary.samples, (std::vector<Sample>{sample_of(9, 3, 3), sample_of(7, 0, 1), sample_of(5, 0, 2)}));
  EXPECT_FALSE(summary.wants_sample({4}));
  EXPECT_TRUE(summary.wants_sample({5})) << "the place may decide";
}

AttributeSet team(int number) {
  std::string name = std::to_string(number);
  name.insert(0, 4 - name.size(), '0');
  return {{Dimension::team, name}};
}

TEST(Attributes, KeepTheSmallestSetsInFullAndFoldTheRest) {
  BucketSummary summary;
  for (int round = 0; round < 3; ++round) {
    for (int number = 199; number >= 0; --number) summary.add_attributes(team(number), {.calls = 1, .cost = {number}});
  }
  summary.add_attributes({}, {.calls = 5});
  EXPECT_EQ(summary.attributes.size(), kMaxAttributeSets + 1);
  EXPECT_EQ(summary.attributes.at(team(0)).calls, 3);
  EXPECT_EQ(summary.attributes.at(team(63)).cost.nano, 189);
  EXPECT_FALSE(summary.attributes.contains(team(64)));
  EXPECT_EQ(summary.attributes.at({}).calls, 3 * (200 - 64) + 5);
}

TEST(Attributes, TheEmptySetDoesNotTakeAPlace) {
  BucketSummary summary;
  summary.add_attributes({}, {.calls = 1});
  for (int number = 0; number < 64; ++number) summary.add_attributes(team(number), {.calls = 1});
  EXPECT_EQ(summary.attributes.size(), 65u);
  EXPECT_EQ(summary.attributes.at({}).calls, 1);
}

TEST(RunDelta, MergesToTheSameWhateverComesFirst) {
  RunDelta first{.run = 8, .calls = 2, .max_step = 4, .last_call = {90}, .cost = {10}, .tokens = 7, .run_id = "r"};
  first.depth = 4;
  first.first_call = {50};
  first.total_cost = {10};
  RunDelta second{.run = 8, .calls = 1, .max_step = 2, .ended = true, .last_call = {20}, .cost = {5}, .tokens = 3};
  second.depth = 2;
  second.first_call = {20};
  second.total_cost = {15};
  RunDelta forward = first, backward = second;
  forward.merge(second);
  backward.merge(first);
  RunDelta expected{.run = 8, .calls = 3, .max_step = 4, .ended = true, .last_call = {90}, .cost = {15}, .tokens = 10};
  expected.run_id = "r";
  expected.depth = 4;
  expected.first_call = {20};
  expected.total_cost = {15};
  EXPECT_TRUE(forward == expected);
  EXPECT_TRUE(backward == expected);
}

TEST(RunDelta, AFirstCallThatIsNotFilledDoesNotCount) {
  RunDelta filled{.run = 8};
  filled.first_call = {50};
  RunDelta open{.run = 8};
  open.merge(filled);
  EXPECT_EQ(open.first_call.us, 50);
  filled.merge(RunDelta{.run = 8});
  EXPECT_EQ(filled.first_call.us, 50);
}

}  // namespace
}  // namespace costdrift::core
