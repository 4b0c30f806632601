#include <gtest/gtest.h>

#include "daemon/delivery/pace.h"

namespace costdrift::daemon {
namespace {

constexpr core::MonotonicTime kStart{std::chrono::hours(1)};

core::MonotonicTime at(core::Duration since_start) { return after(kStart, since_start); }

TEST(Pace, LetsABurstThroughAndThenOnePerInterval) {
  Pace pace(core::seconds(1), 3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_LE(pace.next(), kStart) << i;
    pace.take(kStart);
  }
  EXPECT_EQ(pace.next(), at(core::seconds(1)));
  pace.take(at(core::seconds(1)));
  EXPECT_EQ(pace.next(), at(core::seconds(2)));
}

TEST(Pace, SavesUpNoMoreThanTheBurst) {
  Pace pace(core::seconds(1), 2);
  pace.take(kStart);
  const core::MonotonicTime later = at(core::hours(5));
  pace.take(later);
  EXPECT_LE(pace.next(), later);
  pace.take(later);
  EXPECT_EQ(pace.next(), after(later, core::seconds(1)));
}

TEST(Backoff, IsSpreadOverAnIntervalThatDoublesUpTo300Seconds) {
  std::mt19937 random(7);
  const std::int64_t longest_s[] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300};
  for (int failures = 1; failures <= 11; ++failures) {
    const core::Duration limit = core::seconds(longest_s[failures - 1]);
    core::Duration largest;
    for (int draw = 0; draw < 200; ++draw) {
      const core::Duration wait = jittered_backoff(random, failures);
      ASSERT_GE(wait, core::Duration{});
      ASSERT_LE(wait, limit);
      largest = std::max(largest, wait);
    }
    EXPECT_GT(largest.us, limit.us * 9 / 10) << failures;
  }
  EXPECT_LE(jittered_backoff(random, 1'000'000), core::seconds(300));
}

TEST(Breaker, OpensAfterFiveFailuresInARowAndDoublesUpToFiveMinutes) {
  Breaker breaker;
  for (int i = 0; i < 4; ++i) breaker.on_failure(kStart);
  EXPECT_LE(breaker.next(), kStart);
  for (const std::int64_t wait_s : {30, 60, 120, 240, 300, 300}) {
    breaker.on_failure(kStart);
    EXPECT_EQ(breaker.next(), at(core::seconds(wait_s)));
  }
}

TEST(Breaker, ClosesWithTheFirstSuccess) {
  Breaker breaker;
  for (int i = 0; i < 6; ++i) breaker.on_failure(kStart);
  breaker.on_success();
  EXPECT_LE(breaker.next(), kStart);
  for (int i = 0; i < 4; ++i) breaker.on_failure(kStart);
  EXPECT_LE(breaker.next(), kStart);
  breaker.on_failure(kStart);
  EXPECT_EQ(breaker.next(), at(core::seconds(30)));
}

}  // namespace
}  // namespace costdrift::daemon
