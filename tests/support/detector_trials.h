// Seeded trials of one detector: a day and two hours of normal calls, then a change; how often and how soon it is
// found, and how often something is said where nothing happens.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "tests/support/judge_harness.h"

namespace costdrift::tests {

inline constexpr int kCallsPerBucket = 4;  // 48 calls a minute
inline constexpr int kBucketsPerHour = 720;
inline constexpr std::int64_t kTrialJudges = 10;  // a tenth of a false alarm a week each

// One call before (drifted == false) or after the change; it may also tell the harness of runs.
using Draw = std::function<core::UsageEvent(Random&, bool drifted)>;

inline std::vector<core::Finding> play(JudgeHarness& harness, Random& random, const Draw& draw, bool drifted,
                                       int buckets) {
  std::vector<core::Finding> all;
  for (int b = 0; b < buckets; ++b) {
    for (int i = 0; i < kCallsPerBucket; ++i) harness.call(draw(random, drifted));
    for (auto& finding : harness.close()) all.push_back(std::move(finding));
  }
  return all;
}

struct Trials {
  int found = 0, false_alarms = 0;
  double mean_calls = 0;
  core::Finding last;
};

// 26 hours of history, then the change, at most four hours of it.
inline Trials try_detector(std::string_view detector, const Draw& draw, int trials) {
  Trials result;
  for (int trial = 0; trial < trials; ++trial) {
    Random random(1000 + static_cast<std::uint64_t>(trial));
    JudgeHarness harness(detector, kTrialJudges);
    if (!play(harness, random, draw, false, 26 * kBucketsPerHour).empty()) ++result.false_alarms;
    const core::EventTime change = harness.now();
    for (int b = 0; b < 4 * kBucketsPerHour; ++b) {
      const auto findings = play(harness, random, draw, true, 1);
      if (findings.empty()) continue;
      ++result.found;
      result.mean_calls += core::to_seconds(harness.now() - change) / 5 * kCallsPerBucket;
      result.last = findings.front();
      break;
    }
  }
  result.mean_calls /= std::max(result.found, 1);
  return result;
}

// What the judge says in `steps` steps, with and without a restart after each.
using PlayStep = std::function<std::vector<core::Finding>(JudgeHarness&, Random&, int step)>;
inline void expect_alike_after_restarts(std::string_view detector, std::uint64_t seed, int steps,
                                        const PlayStep& play_step) {
  const auto told = [&](bool restarts) {
    Random random(seed);
    JudgeHarness harness(detector, kTrialJudges);
    std::string text;
    for (int step = 0; step < steps; ++step) {
      for (const auto& finding : play_step(harness, random, step)) {
        text += std::to_string(finding.evaluated_at.us) + " " + std::to_string(finding.onset.us) + " " +
                std::to_string(finding.observed) + " " + std::to_string(finding.log10_evidence) + "\n";
      }
      if (restarts) {
        EXPECT_TRUE(harness.restart());
      }
    }
    return text;
  };
  const std::string whole = told(false);
  EXPECT_FALSE(whole.empty());
  EXPECT_EQ(whole, told(true));
}

// Alarms of four series in three and a half days in which nothing changes: 0.2 are to be expected.
inline std::size_t quiet_alarms(std::string_view detector, const Draw& draw) {
  std::set<std::pair<std::uint64_t, core::EventTime>> alarms;
  for (std::uint64_t trial = 0; trial < 4; ++trial) {
    Random random(77 + trial);
    JudgeHarness harness(detector, kTrialJudges);
    for (const auto& finding : play(harness, random, draw, false, 84 * kBucketsPerHour)) {
      alarms.emplace(trial, finding.onset);
    }
  }
  return alarms.size();
}

}  // namespace costdrift::tests
