// What networks do to the connections of the daemon with its broker: delay, cut in the middle of an answer, leave half
// open. In the end everything was counted once, as in a run that nothing disturbed.
#include <gtest/gtest.h>

#include <cstdio>

#include "tests/support/await.h"
#include "tests/support/mock_kafka.h"
#include "tests/support/places.h"
#include "tests/support/running_daemon.h"
#include "tests/support/scale.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {
namespace {

using std::chrono::milliseconds;

constexpr const char* kTopic = "llm.usage";
constexpr auto kPatience = std::chrono::minutes(2);

class ConnectionFault : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(publish(log_, kafka_.bootstrap(), kTopic));
    daemon_.start();
    expected_ = finished_dump();
    ASSERT_EQ(records_in(expected_), log_.records());
    daemon_.forget();
  }
  std::string finished_dump() {
    EXPECT_TRUE(daemon_.await_consumed(log_.records(), kPatience)) << daemon_.log();
    EXPECT_EQ(daemon_.stop_gently(), 0) << daemon_.log();
    return daemon_.dump();
  }
  void expect_equal() { EXPECT_EQ(first_difference(expected_, finished_dump()), ""); }

  MockKafka kafka_{kTopic, 3, 1};
  TcpProxy proxy_{kafka_.bootstrap()};
  const TrafficLog log_ =
      demo_traffic(3, scaled(0, 0, 1) != 0 ? std::set<std::string>{} : std::set<std::string>{"support-bot"});
  RunningDaemon daemon_{{.binary = costdrift_program(),
                         .bootstrap = proxy_.address(),
                         .topic = kTopic,
                         .webhook_url = "",
                         .extra_yaml = "",
                         .kafka_properties = kProperties}};
  std::string expected_;

  // Small answers, so that many can be cut; a connection that says nothing is given up before the test is.
  static constexpr const char* kProperties =
      ", fetch.message.max.bytes: 20000, socket.timeout.ms: 1000, reconnect.backoff.ms: 20, "
      "reconnect.backoff.max.ms: 100";
};

TEST_F(ConnectionFault, CutInTheMiddleOfAnswersEverythingCountsOnce) {
  const int cuts = scaled(15, 30, 200);
  proxy_.cut_every(40'000, cuts);
  daemon_.start();
  expect_equal();
  std::printf("%lld records, %d connections cut in the middle of an answer: equal\n",
              static_cast<long long>(log_.records()), proxy_.cuts());
  EXPECT_GE(proxy_.cuts(), 10);
}

TEST_F(ConnectionFault, HalfOpenAndDelayedEverythingCountsOnce) {
  proxy_.delay(milliseconds(50));
  daemon_.start();
  ASSERT_TRUE(
      await([&] { return daemon_.api("/api/v1/status").find("\"next_offset\":0") == std::string::npos; }, kPatience));
  proxy_.half_open(true);
  // How long the fault lasts is part of it.
  std::this_thread::sleep_for(milliseconds(scaled(500, 2'000, 20'000)));
  proxy_.half_open(false);
  expect_equal();
  std::printf("%lld records at 50 ms more each way, %d connections half open: equal\n",
              static_cast<long long>(log_.records()), proxy_.half_opened());
  EXPECT_GE(proxy_.half_opened(), 1);
}

}  // namespace
}  // namespace costdrift::tests
