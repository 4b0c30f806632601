#include "detectors/baseline.h"

#include <gtest/gtest.h>

#include "tests/support/memory_history.h"

namespace costdrift::tests {
namespace {

constexpr const char* kMetric = "tokens";

detectors::stats::LaneFamily family() {
  return detectors::stats::odds_family(2, [](int bin) { return bin * 1.0; });
}

// A baseline of five days whose hours hold 400 calls, the last of them of this weight.
detectors::Baseline learned(core::Weight last) {
  MemoryHistory history;
  detectors::Baseline baseline;
  core::EventTime hour{1'772'409'600'000'000};
  for (int i = 0; i < 120; ++i, hour = hour + core::hours(1)) {
    core::BucketSummary summary;
    summary.totals.calls = 400;
    summary.metrics[kMetric] = {{0, 380 * core::kOneCall}, {1, 19 * core::kOneCall + last}};
    history.add(hour, summary);
    baseline.hour_ended(hour, false);
    (void)baseline.learn_due(hour + core::hours(1), history, kMetric, family());
  }
  return baseline;
}

TEST(BaselineInflation, IsThatOfRunsAsSoonAsOneWasLearned) {
  EXPECT_DOUBLE_EQ(learned(core::kOneCall).inflation(), 1);
  EXPECT_DOUBLE_EQ(learned(core::kOneCall / 10).inflation(), detectors::stats::kRunInflation);
}

TEST(BaselineInflation, IsKeptOverARestart) {
  core::ByteWriter out;
  learned(core::kOneCall / 10).save(out);
  detectors::Baseline restored;
  core::ByteReader in(out.bytes());
  restored.restore(in, family());
  ASSERT_TRUE(in.finished());
  EXPECT_DOUBLE_EQ(restored.inflation(), detectors::stats::kRunInflation);
}

// The threshold is so many weeks of calls: those before the restart are forgotten, and so is their time.
TEST(BaselineRestart, CountsTheCallsOfAWeekFromTheOnsetOn) {
  MemoryHistory history;
  detectors::Baseline baseline;
  const core::EventTime start{1'772'409'600'000'000}, onset = start + core::days(5);
  const auto end_hours = [&](core::EventTime from, int hours, bool suspect) {
    for (int i = 0; i < hours; ++i) {
      core::BucketSummary summary;
      summary.totals.calls = 400;
      summary.metrics[kMetric] = {{0, 380 * core::kOneCall}, {1, 20 * core::kOneCall}};
      history.add(from + core::hours(i), summary);
      baseline.hour_ended(from + core::hours(i), suspect);
    }
  };
  end_hours(start, 120, false);
  (void)baseline.learn_due(onset + core::hours(1), history, kMetric, family());
  end_hours(onset, 48, true);
  baseline.restart_at(onset);
  (void)baseline.learn_due(onset + core::hours(49), history, kMetric, family());
  EXPECT_TRUE(baseline.ready());
  EXPECT_NEAR(baseline.calls_per_week(), 400 * 168, 1);
  EXPECT_EQ(baseline.first_hour(), start);
}

}  // namespace
}  // namespace costdrift::tests
