// What the brokers of a cluster do while the daemon reads: one is stopped in an orderly way and comes back, leaders
// move back, one dies, all die. In the end everything is read once, as if nothing had happened.
#include <cstdio>
#include <thread>

#include "tests/kafka/kafka_cluster.h"
#include "tests/support/await.h"
#include "tests/support/kafka_records.h"
#include "tests/support/live_and_replay.h"
#include "tests/support/scale.h"

namespace costdrift::tests {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int kParts = 6;
constexpr auto kCaughtUpWithin = seconds(15);

double seconds_from(steady_clock::time_point begin) {
  return std::chrono::duration<double>(steady_clock::now() - begin).count();
}

std::vector<KafkaRecord> as_records(const std::vector<std::string>& lines) {
  std::vector<KafkaRecord> records;
  for (const auto& line : lines) records.push_back({std::nullopt, line, {}});
  return records;
}

class BrokerFaultOnKafka : public test::KafkaClusterTest {
 protected:
  // How long a fault lasts is part of the fault: there is no condition to await.
  static void wait(seconds time) { std::this_thread::sleep_for(time); }

  // Returns when the brokers have the next part of the log.
  void publish_next() {
    const TrafficLog piece = part_of(log_, part_++, kParts);
    for (std::size_t p = 0; p < piece.partitions.size(); ++p) {
      const std::vector<KafkaRecord> records = as_records(piece.partitions[p]);
      ASSERT_TRUE(write_records(bootstrap_, topic_, static_cast<std::int32_t>(p), records));
    }
    published_ += piece.records();
  }
  void stop_one_and_move_its_leaders_back(seconds stopped) {
    brokers("stop-broker", "2");
    publish_next();
    wait(stopped);
    brokers("start-broker", "2");
    publish_next();
    brokers("elect-leaders");
  }
  void kill_one(seconds down) {
    brokers("kill-broker", "1");
    publish_next();
    wait(down);
    brokers("start-broker", "1");
  }
  void kill_all(seconds down, const RunningDaemon& daemon) {
    publish_next();
    brokers("kill-broker", "1 2 3");
    wait(down);
    EXPECT_TRUE(await([&] { return daemon.api("/api/v1/status").find("\"ready\":false") != std::string::npos; }));
    brokers("start-broker", "1 2 3");
  }

  // Parts come further apart than brokers are away. A partition that became idle in between would let the others'
  // events close buckets that it still has events for.
  static constexpr const char* kNeverIdle = "600s";
  const TrafficLog log_ = demo_traffic(3, {"support-bot", "checkout-assist"});
  int part_ = 0;
  std::int64_t published_ = 0;
};

TEST_F(BrokerFaultOnKafka, OneStoppedOneKilledMovedLeadersAndAllDownLoseAndRepeatNothing) {
  ASSERT_NO_FATAL_FAILURE(create_topic(3));
  LiveAndReplay both(costdrift_program(), bootstrap_, topic_, log_);
  const DaemonOptions usual = both.daemon().options();
  DaemonOptions patient = usual;
  patient.idle_timeout = kNeverIdle;
  both.begin();
  both.daemon().configure(patient);
  both.daemon().start();
  ASSERT_NO_FATAL_FAILURE(publish_next());

  ASSERT_NO_FATAL_FAILURE(stop_one_and_move_its_leaders_back(seconds(scaled(5, 5, 20))));
  ASSERT_NO_FATAL_FAILURE(kill_one(seconds(scaled(5, 5, 20))));
  ASSERT_NO_FATAL_FAILURE(kill_all(seconds(scaled(5, 5, 15)), both.daemon()));
  const auto back = steady_clock::now();
  ASSERT_NO_FATAL_FAILURE(publish_next());
  const double publishing = seconds_from(back);
  ASSERT_EQ(published_, log_.records());
  ASSERT_TRUE(both.daemon().await_read(published_, kCaughtUpWithin)) << both.daemon().log();
  const double took = seconds_from(back);
  ASSERT_EQ(both.daemon().stop_gently(), 0) << both.daemon().log();

  both.daemon().configure(usual);
  const std::string disturbed = both.finish(0);
  EXPECT_EQ(first_difference(both.run_live(), disturbed), "");
  both.expect_replay(disturbed);
  std::printf(
      "%lld records through 4 faults: equal, no gap; lag 0 %.1f s after the last broker was back, of which the "
      "producer took %.1f s\n",
      static_cast<long long>(published_), took, publishing);
}

}  // namespace
}  // namespace costdrift::tests
