// Calls of one agent run resemble each other: what happens to one happens to the next. Nothing changes in these
// streams, but every hour differs from every mode by more than as many independent calls would.
#include <gtest/gtest.h>

#include <memory>

#include "tests/support/detector_trials.h"

namespace costdrift::tests {
namespace {

struct Run {
  std::int64_t step = 0;
  bool unlucky = false;
};

// Runs of `length` calls, one in ten of them unlucky.
Draw runs(std::int64_t length, void (*fill)(Random& random, const Run& run, core::UsageEvent& event)) {
  return [length, fill, run = std::make_shared<Run>()](Random& random, bool) {
    if (run->step == length) *run = {};
    if (++run->step == 1) run->unlucky = random.chance(0.1);
    core::UsageEvent event;
    event.run_id = "run";
    event.step = run->step;
    event.cost = event.cacheable_cost = core::from_usd(0.01);
    fill(random, *run, event);
    return event;
  };
}

void retry_half_of_the_unlucky(Random& random, const Run& run, core::UsageEvent& event) {
  event.attempts = 1;
  event.retries = random.chance(run.unlucky ? 0.5 : 0.005) ? 1 : 0;
}

void miss_all_of_the_unlucky(Random& random, const Run& run, core::UsageEvent& event) {
  event.input_tokens = 4000;
  event.cache_read_tokens = run.step == 1 || run.unlucky || random.chance(0.05) ? 0 : 3600;
}

class ClumpedCalls : public testing::TestWithParam<std::int64_t> {};

TEST_P(ClumpedCalls, RetriesOfUnluckyRunsAreNoDrift) {
  EXPECT_LE(quiet_alarms("retry_rate", runs(GetParam(), retry_half_of_the_unlucky)), 1U);
}

TEST_P(ClumpedCalls, MissesOfUnluckyRunsAreNoDrift) {
  EXPECT_LE(quiet_alarms("cache_hit_rate", runs(GetParam(), miss_all_of_the_unlucky)), 1U);
}

INSTANTIATE_TEST_SUITE_P(Length, ClumpedCalls, testing::Values(5, 20, 40));

}  // namespace
}  // namespace costdrift::tests
