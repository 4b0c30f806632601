// What modes, gates and life cycle cost on a stationary series: delay of a ticket and of a page against the moment at
// which the fast rule alone, on the same baseline and threshold, would have spoken. 48 calls a minute, $60 an hour.
#include <cmath>
#include <cstdio>
#include <functional>

#include "bench/judgement/tables.h"
#include "daemon/incidents/lifecycle.h"
#include "detectors/drift_judge.h"
#include "tests/support/detector_trials.h"

namespace costdrift::bench {
namespace {

constexpr int kTrials = 20;

struct Delays {
  double fast = 0, ticket = 0, page = 0;  // seconds
};

Delays one_trial(const char* detector, const char* metric, const tests::Draw& draw, std::uint64_t seed) {
  tests::Random random(seed);
  tests::JudgeHarness harness(detector, tests::kTrialJudges);
  const auto& judge = dynamic_cast<const detectors::DriftJudge&>(harness.judge());
  (void)tests::play(harness, random, draw, false, 50 * tests::kBucketsPerHour);
  const core::EventTime change = harness.now();
  detectors::stats::MixtureSr alone;
  Delays delays{-1, -1, -1};
  for (int bucket = 0; bucket < 8 * tests::kBucketsPerHour; ++bucket) {
    for (int i = 0; i < tests::kCallsPerBucket; ++i) harness.call(draw(random, true));
    const auto& baseline = judge.baseline();
    const double threshold = std::log(baseline.calls_per_week() * static_cast<double>(tests::kTrialJudges));
    const auto inflation =
        detectors::stats::lane_inflation(baseline.table(), baseline.inflation(), baseline.calls(), threshold);
    alone.update(baseline.table(), harness.open().counts(metric), inflation, 5, 5);
    const auto findings = harness.close();
    const double seconds = core::to_seconds(harness.now() - change);
    if (delays.fast < 0 && alone.log_evidence() >= threshold) delays.fast = seconds;
    for (const auto& finding : findings) {
      const daemon::Gate gate = daemon::weigh(finding, config::PageSettings());
      if (delays.ticket < 0 && gate != daemon::Gate::immaterial) delays.ticket = seconds;
      if (delays.page < 0 && (gate == daemon::Gate::page || gate == daemon::Gate::urgent_page)) delays.page = seconds;
    }
    if (delays.fast >= 0 && delays.page >= 0) break;
  }
  return delays;
}

void print_row(const char* name, const char* detector, const char* metric, const tests::Draw& draw) {
  Delays mean;
  int found = 0, paged = 0;
  double fast_of_paged = 0;
  for (std::uint64_t trial = 0; trial < kTrials; ++trial) {
    const Delays one = one_trial(detector, metric, draw, 300 + trial);
    if (one.fast < 0 || one.ticket < 0) continue;
    ++found;
    mean.fast += one.fast;
    mean.ticket += one.ticket;
    if (one.page < 0) continue;
    ++paged;
    mean.page += one.page;
    fast_of_paged += one.fast;
  }
  std::printf("%-22s %5d/%d %10.1f %12.2f x %7d/%d %10.2f x\n", name, found, kTrials, mean.fast / found / 60,
              mean.ticket / mean.fast, paged, kTrials, mean.page / fast_of_paged);
}

core::UsageEvent prompt(tests::Random& random, double shift, double factor) {
  core::UsageEvent event;
  event.input_tokens = std::llround(random.log_normal(2000, 0.6) * factor + shift);
  event.cost = event.input_cost = core::from_usd(static_cast<double>(*event.input_tokens) * 8.7e-6);
  return event;
}

core::UsageEvent attempt(tests::Random& random, double rate) {
  core::UsageEvent event;
  event.retries = random.chance(rate) ? 1 : 0;
  event.cost = core::from_usd(0.021);
  if (event.retries > 0) event.cost = core::from_usd(0.1);
  return event;
}

}  // namespace

void print_recipe() {
  std::printf(
      "Stationary series: delay of the fast rule alone (minutes), and how many times that the whole recipe takes\n");
  std::printf("%-22s %8s %10s %14s %10s %12s\n", "", "found", "fast rule", "ticket", "paged", "page");
  print_row("prompts +600 tokens", "prompt_growth", "input_tokens",
            [](tests::Random& random, bool drifted) { return prompt(random, drifted ? 600 : 0, 1); });
  print_row("prompts x 1.3", "prompt_growth", "input_tokens",
            [](tests::Random& random, bool drifted) { return prompt(random, 0, drifted ? 1.3 : 1); });
  print_row("prompts x 1.15", "prompt_growth", "input_tokens",
            [](tests::Random& random, bool drifted) { return prompt(random, 0, drifted ? 1.15 : 1); });
  print_row("retries 5 to 10 %", "retry_rate", "retry",
            [](tests::Random& random, bool drifted) { return attempt(random, drifted ? 0.1 : 0.05); });
  std::printf("\n");
}

}  // namespace costdrift::bench
