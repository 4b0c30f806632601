// The whole demo, restarted every few minutes of event time: what is derived is derived alike after a restart.
#include <gtest/gtest.h>

#include "tests/support/answer_play.h"

namespace costdrift::daemon {
namespace {

TEST(RestartedDemo, EndsAsOneThatRanThrough) {
  const auto log = tests::demo_traffic(1, {});
  tests::Play whole({}, "{}", log.partitions.front()), stopped({}, "{}", log.partitions.front());
  whole.run(1000);
  int steps = 0;
  stopped.run(1000, [&](tests::Play& play) {
    if (++steps % 3 != 0) return;
    play.commit();
    play.restart();
  });
  ASSERT_FALSE(whole.alerts().empty());
  EXPECT_EQ(tests::first_difference(whole.all_alerts(), stopped.all_alerts()), "");
  EXPECT_EQ(tests::first_difference(whole.dump(), stopped.dump()), "");
}

}  // namespace
}  // namespace costdrift::daemon
