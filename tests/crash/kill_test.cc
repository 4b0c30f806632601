// SIGKILL at any moment: nothing is lost, nothing is counted twice, and the alerts are those of a run that was never
// killed. A notification may be repeated once for a kill that came between its POST and the record of its delivery.
#include <gtest/gtest.h>

#include "daemon/demo/embedded_broker.h"
#include "tests/support/kill_trial.h"
#include "tests/support/places.h"
#include "tests/support/scale.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {
namespace {

TEST(KillTest, TheStateAndTheAlertsAreThoseOfAnUninterruptedRun) {
  constexpr const char* kTopic = "llm.usage";
  // As many partitions as it takes: the broker keeps 5 MiB of each.
  const int times = scaled(1, 1, 11), partitions = scaled(3, 3, 48);
  const auto broker = daemon::EmbeddedBroker::start({.name = kTopic, .partitions = partitions});
  ASSERT_TRUE(broker) << broker.error().message;
  const TrafficLog log = demo_traffic(partitions, {}, times);
  const HttpStub one, two, three;
  RunningDaemon daemon({.binary = costdrift_program(),
                        .bootstrap = (*broker)->bootstrap(),
                        .topic = kTopic,
                        .webhook_url = one.url(),
                        .extra_yaml = "",
                        .more_webhook_urls = {two.url(), three.url()}});
  ASSERT_TRUE(publish(log, (*broker)->bootstrap(), kTopic));
  expect_kills_leave_no_trace(daemon, log.records(), {&one, &two, &three}, scaled(3, 15, 200));
}

}  // namespace
}  // namespace costdrift::tests
