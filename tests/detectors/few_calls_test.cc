// Twenty calls an hour whose sizes vary tenfold, and nothing changes: how many tickets four weeks of it make.
#include <gtest/gtest.h>

#include "tests/support/judge_harness.h"

namespace costdrift::tests {
namespace {

constexpr int kSeries = 20, kDays = 28, kBucketsPerDay = 17'280;
constexpr double kCallsPerBucket = 20.0 / 720;

core::UsageEvent call(Random& random) {
  core::UsageEvent event;
  const double tokens = random.log_normal(20'000, 0.8);
  event.input_tokens = std::llround(tokens);
  event.cost = event.input_cost = core::from_usd(tokens * 5e-6);
  event.cost_source = core::CostSource::reported;
  return event;
}

int tickets(std::string_view detector, std::uint64_t seed) {
  Random random(seed);
  JudgeHarness harness(detector, 36);
  int opened = 0;
  bool open = false;
  for (int bucket = 0; bucket < kDays * kBucketsPerDay; ++bucket) {
    if (random.chance(kCallsPerBucket)) harness.call(call(random));
    for (const auto& finding : harness.close()) {
      const bool drifting = finding.phase == core::FindingPhase::drifting;
      if (drifting && !open && core::material(finding, 0.1)) {
        open = true;
        ++opened;
      }
      open = open && drifting;
    }
  }
  return opened;
}

class FewCalls : public testing::TestWithParam<std::string_view> {};

TEST_P(FewCalls, ThatDoNotChangeMakeLessThanOneTicketInFiveWeeks) {
  int all = 0;
  for (std::uint64_t seed = 0; seed < kSeries; ++seed) all += tickets(GetParam(), 900 + seed);
  EXPECT_LE(all, kSeries * kDays / 7 / 5);
}

INSTANTIATE_TEST_SUITE_P(Detectors, FewCalls, testing::Values("prompt_growth", "cost_outlier"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace costdrift::tests
