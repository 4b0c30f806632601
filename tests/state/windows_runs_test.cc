#include <cmath>

#include "core/bytes.h"
#include "state/run_table.h"
#include "state/run_weight.h"
#include "tests/state/windows_harness.h"

namespace costdrift::state {
namespace {

using testing::call_at;
using testing::Harness;
using testing::kMonday;
using testing::OwnedEvent;
using Bins = std::map<int, core::Weight>;

OwnedEvent run_call(core::EventTime ts, const std::string& run, std::int64_t step = 0, std::int64_t tokens = 100) {
  OwnedEvent event = call_at(ts, tokens);
  event.run_id = run;
  if (step > 0) event.event.step = step;
  return event;
}

Bins bins(const core::BucketSummary& summary, std::string_view metric) {
  Bins result;
  for (const core::BinCount& count : summary.counts(metric)) result[count.bin] = count.weight;
  return result;
}

TEST(WindowsRunsTest, LaterCallsOfARunCountForLess) {
  Harness harness;
  harness.add(call_at(kMonday, 7));
  for (int i = 0; i < 3; ++i) harness.add(run_call(kMonday + core::seconds(i), "r", 0, 100 + i));
  harness.add(run_call(kMonday + core::seconds(6), "r", 0, 200));
  harness.close(kMonday + core::seconds(10));
  EXPECT_EQ(bins(harness.summaries.at(0), "weighted_tokens"),
            (Bins{{7, 65536}, {100, 65536}, {101, run_weight(2)}, {102, run_weight(3)}}));
  EXPECT_EQ(bins(harness.summaries.at(0), "tokens"), (Bins{{7, 65536}, {100, 65536}, {101, 65536}, {102, 65536}}));
  EXPECT_EQ(bins(harness.summaries.at(1), "weighted_tokens"), (Bins{{200, run_weight(4)}}));
}

TEST(WindowsRunsTest, AGivenStepIsThePlace) {
  Harness harness;
  harness.add(run_call(kMonday, "r", 5, 100));
  harness.add(run_call(kMonday, "r", 2, 101));
  harness.close(kMonday + core::seconds(5));
  EXPECT_EQ(bins(harness.summaries.at(0), "weighted_tokens"), (Bins{{100, run_weight(5)}, {101, run_weight(2)}}));
  const core::RunDelta& delta = harness.summaries.at(0).runs.begin()->second;
  EXPECT_EQ(delta.max_step, 5);
  EXPECT_EQ(delta.calls, 2);
}

TEST(WindowsRunsTest, TransitionsTellHowDeepARunWent) {
  Harness harness;
  for (int i = 0; i < 3; ++i) harness.add(run_call(kMonday + core::seconds(i), "r"));
  for (int i = 0; i < 2; ++i) harness.add(run_call(kMonday + core::seconds(5 + i), "r"));
  OwnedEvent last = run_call(kMonday + core::seconds(10), "r");
  last.event.run_end = true;
  harness.add(last);
  harness.close(kMonday + core::seconds(10));
  harness.restart();
  harness.close(kMonday + core::seconds(15));
  ASSERT_EQ(harness.summaries.size(), 3U);
  EXPECT_EQ(bins(harness.summaries[0], "steps"), (Bins{{2, 65536}, {4, 65536}}));
  EXPECT_EQ(bins(harness.summaries[1], "steps"), (Bins{{6, 65536}, {8, 65536}}));
  EXPECT_EQ(bins(harness.summaries[2], "steps"), (Bins{{10, 65536}, {13, 65536}}));
  EXPECT_EQ(testing::dump_text(*harness.store).find("\nruns "), std::string::npos) << "an ended run is forgotten";
}

TEST(WindowsRunsTest, ADeltaTellsOfTheWholeRun) {
  Harness harness({.run_timeout = core::minutes(1)});
  for (const int second : {0, 1, 7}) harness.add(run_call(kMonday + core::seconds(second), "r"));
  harness.close(kMonday + core::minutes(2));
  ASSERT_EQ(harness.summaries.size(), 3U);
  const core::RunDelta& second = harness.summaries[1].runs.begin()->second;
  EXPECT_EQ(second.calls, 1);
  EXPECT_EQ(second.depth, 3);
  EXPECT_EQ(second.first_call, kMonday);
  EXPECT_EQ(second.cost.nano, 1000);
  EXPECT_EQ(second.total_cost.nano, 3000);
  const core::RunDelta& silent = harness.summaries[2].runs.begin()->second;
  EXPECT_TRUE(silent.ended);
  EXPECT_EQ(silent.calls, 0);
  EXPECT_EQ(silent.total_cost.nano, 3000);
}

TEST(WindowsRunsTest, ASilentRunEndsAtATimeThatOnlyItsLastCallDecides) {
  const WindowOptions options{.run_timeout = core::minutes(30)};
  std::string expected;
  for (const bool step_by_step : {false, true}) {
    Harness harness(options);
    harness.add(run_call(kMonday + core::seconds(2), "r"));
    OwnedEvent other = call_at(kMonday + core::hours(2));
    other.app = "other";
    harness.add(other);
    for (int minute = 0; step_by_step && minute < 120; ++minute) {
      harness.close(kMonday + core::minutes(minute));
      if (minute % 7 == 0) harness.restart();
    }
    harness.close(kMonday + core::hours(3));
    if (expected.empty()) expected = harness.closed;
    EXPECT_EQ(harness.closed, expected);
  }
  EXPECT_NE(expected.find("2026-03-02T00:30:00Z app=desk,model=gpt-4o 0 0.000000000 steps/3=65536 r*0!\n"),
            std::string::npos)
      << expected;
}

TEST(WindowsRunsTest, ACallAfterTheEndStartsANewRun) {
  Harness harness({.run_timeout = core::minutes(1)});
  harness.add(run_call(kMonday, "r", 0, 1));
  harness.add(run_call(kMonday + core::minutes(5), "r", 0, 2));
  harness.close(kMonday + core::minutes(5) + core::seconds(30));
  EXPECT_EQ(bins(harness.summaries.back(), "weighted_tokens"), (Bins{{2, 65536}}));
}

// An agent that waits for a person over lunch makes two runs of three steps, not one of three and one of six.
TEST(WindowsRunsTest, WhatGoesOnAfterASilenceIsARunOfItsOwnSteps) {
  Harness harness({.run_timeout = core::minutes(1)});
  for (const int step : {1, 2, 3}) harness.add(run_call(kMonday, "r", step));
  harness.add(run_call(kMonday + core::minutes(5), "r", 5));
  harness.add(run_call(kMonday + core::minutes(5), "r", 4));
  harness.close(kMonday + core::minutes(5) + core::seconds(5));
  harness.restart();
  harness.add(run_call(kMonday + core::minutes(5) + core::seconds(5), "r", 6));
  harness.close(kMonday + core::minutes(7));
  ASSERT_EQ(harness.summaries.size(), 5U);
  EXPECT_EQ(bins(harness.summaries[0], "steps"), (Bins{{2, 65536}, {4, 65536}}));
  EXPECT_EQ(bins(harness.summaries[1], "steps"), (Bins{{7, 65536}}));
  EXPECT_EQ(bins(harness.summaries[2], "steps"), (Bins{{2, 65536}}));
  EXPECT_EQ(bins(harness.summaries[3], "steps"), (Bins{{4, 65536}}));
  EXPECT_EQ(bins(harness.summaries[4], "steps"), (Bins{{7, 65536}}));
  const core::RunDelta& last = harness.summaries[3].runs.begin()->second;
  EXPECT_EQ(last.depth, 3);
  EXPECT_EQ(last.max_step, 6);
}

TEST(WindowsRunsTest, ARowOfTheVersionBeforeIsARunFromItsFirstStep) {
  core::ByteWriter row;
  row.u64(2);
  for (const std::int64_t value : {7, 8, 1, 2, 900, 60, 0, 0}) row.i64(value);
  row.text("r");
  RunState state;
  ASSERT_TRUE(decode_run(row.bytes(), state));
  EXPECT_EQ(state.depth, 7);
  EXPECT_EQ(state.steps_before, 0);
  EXPECT_EQ(state.run_id, "r");
}

TEST(WindowsRunsTest, RunsOfTwoSeriesAreTwoRuns) {
  Harness harness;
  harness.add(run_call(kMonday, "r"));
  OwnedEvent other = run_call(kMonday, "r");
  other.model = "haiku";
  harness.add(other);
  harness.close(kMonday + core::seconds(5));
  for (const core::BucketSummary& summary : harness.summaries)
    EXPECT_EQ(bins(summary, "weighted_tokens"), (Bins{{100, 65536}}));
}

TEST(WindowsRunsTest, KeptRowsHoldNoRuns) {
  Harness harness;
  harness.add(run_call(kMonday, "r"));
  harness.close(kMonday + core::seconds(5));
  EXPECT_EQ(harness.summaries.at(0).runs.size(), 1U);
  EXPECT_TRUE(harness.sum("desk", kMonday, kMonday + core::hours(1)).runs.empty());
}

}  // namespace
}  // namespace costdrift::state
