// What brokers do while the daemon reads: hang, go down one by one and all at once, hand partitions to each other. In
// the end everything is read once, as a replay of the same records says.
#include <gtest/gtest.h>

#include <cstdio>
#include <functional>
#include <thread>

#include "tests/support/live_and_replay.h"
#include "tests/support/mock_kafka.h"
#include "tests/support/places.h"
#include "tests/support/scale.h"

namespace costdrift::tests {
namespace {

using std::chrono::milliseconds;

constexpr const char* kTopic = "llm.usage";
constexpr int kPartitions = 3, kBrokers = 3;
constexpr auto kCaughtUpWithin = std::chrono::seconds(15);  // and until partitions count as idle

class BrokerFault : public testing::Test {
 protected:
  // How long a fault lasts is part of the fault: there is no condition to await.
  static void wait(milliseconds time) { std::this_thread::sleep_for(time); }

  // The log in so many parts, each published and then met by a fault.
  void feed_and(int parts, const std::function<void(int part)>& fault) {
    daemon().start();
    std::int64_t published = 0;
    for (int part = 0; part < parts; ++part) {
      const TrafficLog piece = part_of(log_, part, parts);
      ASSERT_TRUE(publish(piece, kafka_.bootstrap(), kTopic));
      published += piece.records();
      fault(part);
    }
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(daemon().await_consumed(published, kCaughtUpWithin + idle_)) << daemon().log();
    const auto took = std::chrono::steady_clock::now() - begin;
    ASSERT_EQ(daemon().stop_gently(), 0) << daemon().log();
    const std::string dump = daemon().dump();
    EXPECT_EQ(records_in(dump), log_.records());
    both_.expect_replay(dump);
    std::printf("%d faults, %lld records, equal; read to the end %.1f s after the last\n", parts,
                static_cast<long long>(published), std::chrono::duration<double>(took).count());
  }
  // Shorter than the outages of the full form: a partition whose leader is away is not idle, or what it holds would
  // come late. Not under the 8 s after which a broker that says nothing is taken to be away.
  const std::chrono::seconds idle_{scaled(2, 12, 12)};
  RunningDaemon& daemon() { return both_.daemon(); }

  MockKafka kafka_{kTopic, kPartitions, kBrokers};
  TrafficLog log_ = demo_traffic(kPartitions, {"support-bot", "checkout-assist"});
  LiveAndReplay both_{costdrift_program(), kafka_.bootstrap(), kTopic, log_, std::to_string(idle_.count()) + "s"};
};

TEST_F(BrokerFault, StoppedDownOneByOneAllDownAndMovedLeadersLoseAndRepeatNothing) {
  const milliseconds stopped(scaled(500, 5'000, 20'000)), each(scaled(200, 4'000, 4'000)),
      all(scaled(500, 5'000, 15'000));
  const int moves = scaled(6, 40, 80);
  feed_and(4, [&](int part) {
    switch (part) {
      case 0:
        kafka_.stop_for(stopped);
        return;
      case 1:
        for (int broker = 1; broker <= kBrokers; ++broker) {
          kafka_.down(broker);
          wait(each);
          kafka_.up(broker);
        }
        return;
      case 2:
        for (int broker = 1; broker <= kBrokers; ++broker) kafka_.down(broker);
        wait(all);
        for (int broker = 1; broker <= kBrokers; ++broker) kafka_.up(broker);
        return;
      case 3:
        for (int move = 0; move < moves; ++move) {
          kafka_.lead(move % kPartitions, 1 + (move / kPartitions + move) % kBrokers);
          wait(milliseconds(50));
        }
        return;
    }
  });
}

}  // namespace
}  // namespace costdrift::tests
