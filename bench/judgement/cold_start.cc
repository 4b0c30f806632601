// A new series with 40 siblings: their retry rates lie around 5 % with a standard deviation of 2 %. 30 calls an hour,
// so that judgement begins with about 30 calls of its own; one false alarm in 1e6 calls is allowed.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "bench/judgement/tables.h"
#include "tests/support/judge_harness.h"

namespace costdrift::bench {
namespace {

constexpr int kSeries = 300;
constexpr int kBucketsBetweenCalls = 24;  // 30 calls an hour
constexpr int kQuietCalls = 20'000;
constexpr int kCallsBeforeChange = 90;  // three hours; 30 of them are learned
constexpr int kCallsOfFirstDay = 24 * 30;
constexpr std::int64_t kJudges = 200;  // 30 * 168 calls a week, times 200: 1e6

double rate(tests::Random& random) { return std::max(0.005, 0.05 + 0.02 * random.normal()); }

detectors::Siblings siblings() {
  detectors::Siblings all;
  tests::Random random(1);
  const detectors::stats::LaneFamily family{.lanes = {}, .log_bins = false, .bins = 2};
  for (int i = 0; i < 40; ++i) {
    const double p = rate(random);
    core::Weight retries = 0;
    for (int call = 0; call < 2000; ++call) retries += random.chance(p) ? core::kOneCall : 0;
    all.contribute("retry", family, {{0, 2000 * core::kOneCall - retries}, {1, retries}}, 1);
  }
  return all;
}

double with_odds(double p, double times) { return p * times / (1 - p + p * times); }

// Calls until something material is said; 0: nothing was.
int first_alarm(std::uint64_t seed, bool with_siblings, int change_at, double odds, int calls) {
  tests::Random random(seed);
  detectors::Siblings all = siblings();
  tests::JudgeHarness harness("retry_rate", kJudges);
  if (with_siblings) harness.meet(all);
  const double before = rate(random);
  for (int call = 1; call <= calls; ++call) {
    core::UsageEvent event;
    event.retries = random.chance(call > change_at ? with_odds(before, odds) : before) ? 1 : 0;
    event.cost = core::from_usd(0.1);
    harness.call(event);
    for (const auto& finding : harness.close()) {
      if (finding.phase == core::FindingPhase::drifting && core::material(finding, 0.1)) return call;
    }
    harness.skip(tests::JudgeHarness::kBucket * (kBucketsBetweenCalls - 1));
  }
  return 0;
}

void print_row(const char* name, bool with_siblings) {
  int false_alarms = 0, false_on_first_day = 0;
  std::vector<int> delays;
  for (std::uint64_t seed = 0; seed < kSeries; ++seed) {
    const int alarm = first_alarm(1000 + seed, with_siblings, kQuietCalls, 1, kQuietCalls);
    false_alarms += alarm > 0 ? 1 : 0;
    false_on_first_day += alarm > 0 && alarm <= kCallsOfFirstDay ? 1 : 0;
    const int found = first_alarm(5000 + seed, with_siblings, kCallsBeforeChange, 5, kCallsOfFirstDay);
    if (found > kCallsBeforeChange) delays.push_back(found - kCallsBeforeChange);
  }
  std::sort(delays.begin(), delays.end());
  const double n = kSeries;
  std::printf("%-18s %8.1f %% %12.1f %% %14.0f %% %10d\n", name, 100 * false_alarms / n, 100 * false_on_first_day / n,
              100 * static_cast<double>(delays.size()) / n, delays.empty() ? 0 : delays[delays.size() / 2]);
}

}  // namespace

void print_cold_start() {
  std::printf(
      "Cold start, %d new series of retries: false alarms in %d calls, of them on the first day; odds x 5 after %d "
      "calls\nfound on the first day, and after how many calls (median)\n",
      kSeries, kQuietCalls, kCallsBeforeChange);
  std::printf("%-18s %10s %14s %16s %10s\n", "", "false", "on first day", "x 5 found", "calls");
  print_row("with siblings", true);
  print_row("without siblings", false);
  std::printf("\n");
}

}  // namespace costdrift::bench
