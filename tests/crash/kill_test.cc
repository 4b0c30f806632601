// SIGKILL at any moment: nothing is lost, nothing is counted twice, and the alerts are those of a run that was never
// killed. A notification may be repeated once for a kill that came between its POST and the record of its delivery.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <random>

#include "daemon/demo/embedded_broker.h"
#include "tests/support/http_stub.h"
#include "tests/support/places.h"
#include "tests/support/running_daemon.h"
#include "tests/support/scale.h"
#include "tests/support/traffic_log.h"
#include "tests/support/webhook_posts.h"

namespace costdrift::tests {
namespace {

constexpr const char* kTopic = "llm.usage";
constexpr auto kPatience = std::chrono::minutes(3);

// Reads everything and stops; the state as text.
std::string finished_dump(RunningDaemon& daemon, std::int64_t records) {
  daemon.start();
  EXPECT_TRUE(daemon.await_consumed(records, kPatience)) << daemon.log();
  EXPECT_EQ(daemon.stop_gently(), 0) << daemon.log();
  return daemon.dump();
}

TEST(KillTest, TheStateAndTheAlertsAreThoseOfAnUninterruptedRun) {
  const auto broker = daemon::EmbeddedBroker::start({.name = kTopic, .partitions = 3});
  ASSERT_TRUE(broker) << broker.error().message;
  const TrafficLog log = demo_traffic(3);
  const HttpStub webhook;
  RunningDaemon daemon({.binary = costdrift_program(),
                        .bootstrap = (*broker)->bootstrap(),
                        .topic = kTopic,
                        .webhook_url = webhook.url(),
                        .extra_yaml = ""});
  ASSERT_TRUE(publish(log, (*broker)->bootstrap(), kTopic));
  const auto begin = std::chrono::steady_clock::now();
  const std::string expected = finished_dump(daemon, log.records());
  // Kills come at any moment of a run; how long one takes depends on the machine.
  const auto run_time = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  const auto needed = newest_versions(expected);
  ASSERT_GE(needed.size(), 2U);
  const std::size_t posts_before = webhook.requests().size();

  const int kills = scaled(3, 15, 200);
  std::mt19937 random(20260302);
  int killed = 0, rounds = 0, while_reading = 0, duplicates = 0;
  // A machine that is busy with something else may be hit before the reading or after it a few times in turn.
  const auto go_on = [&] { return killed < kills || (while_reading == 0 && killed < kills + 20); };
  // After some kills everything is read, and the next round begins anew.
  for (; go_on(); ++rounds) {
    daemon.forget();
    const std::size_t round_begin = webhook.requests().size();
    int here = 0;
    for (std::int64_t read = 0; go_on() && read < log.records(); ++killed, ++here) {
      daemon.start();
      daemon.kill_after(std::chrono::milliseconds(random() % static_cast<unsigned>(run_time.count())));
      read = records_in(daemon.dump());
      while_reading += read > 0 && read < log.records() ? 1 : 0;
    }
    EXPECT_EQ(first_difference(expected, finished_dump(daemon, log.records())), "") << "round " << rounds;
    const WebhookPosts posts = WebhookPosts::of(webhook, round_begin);
    EXPECT_EQ(posts.newest, needed) << "a notification was lost in round " << rounds;
    EXPECT_LE(posts.duplicates, here) << "round " << rounds;
    duplicates += posts.duplicates;
  }
  std::printf("%d kills in %d rounds, %d of them in the middle of the log; %zu posts, 0 lost, %d repeated\n", killed,
              rounds, while_reading, webhook.requests().size() - posts_before, duplicates);
  EXPECT_GT(while_reading, 0) << "the kills came too early or too late to show anything";
}

}  // namespace
}  // namespace costdrift::tests
