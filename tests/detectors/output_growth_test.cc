#include <gtest/gtest.h>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

// Answers of about 300 tokens and some reasoning, at $15 a million.
core::UsageEvent call(Random& random, double answer, double reasoning) {
  core::UsageEvent event;
  event.reasoning_tokens = reasoning > 0 ? std::llround(random.log_normal(reasoning, 0.5)) : 0;
  event.output_tokens = std::llround(random.log_normal(answer, 0.6)) + *event.reasoning_tokens;
  event.cost = event.output_cost = {*event.output_tokens * 15'000};
  return event;
}

TEST(OutputGrowth, FindsLongerAnswers) {
  const Trials trials = try_detector(
      "output_growth", [](Random& r, bool drifted) { return call(r, drifted ? 420 : 300, 0); }, 8);
  EXPECT_EQ(trials.found, 8);
  EXPECT_EQ(trials.false_alarms, 0);
  EXPECT_LT(trials.mean_calls, 250);
  EXPECT_EQ(trials.last.note, "");
  EXPECT_EQ(trials.last.cost_part, core::CostPart::output);
}

TEST(OutputGrowth, NamesReasoningWhenItIsTheCause) {
  const Trials trials = try_detector(
      "output_growth", [](Random& r, bool drifted) { return call(r, 300, drifted ? 400 : 100); }, 4);
  EXPECT_EQ(trials.found, 4);
  EXPECT_NE(trials.last.note.find("reasoning grew from"), std::string::npos) << trials.last.note;
}

TEST(OutputGrowth, IsSilentWhereNothingChanges) {
  EXPECT_LE(quiet_alarms("output_growth", [](Random& r, bool) { return call(r, 300, 100); }), 1U);
}

TEST(OutputGrowth, LeavesOutFailuresAndEmbeddings) {
  JudgeHarness harness("output_growth");
  core::UsageEvent failed;
  failed.status = core::CallStatus::error;
  failed.output_tokens = 10;
  core::UsageEvent embedding;
  embedding.output_tokens = 0;
  harness.call(failed);
  harness.call(embedding);
  EXPECT_TRUE(harness.open().metrics.empty());
}

}  // namespace
}  // namespace costdrift::tests
