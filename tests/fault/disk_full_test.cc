// A file system of 48 MB that fills up under the daemon: it stops reading, says so and tells the sinks; when there is
// space again it goes on and comes to the state of a run that always had space.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "tests/support/await.h"
#include "tests/support/http_stub.h"
#include "tests/support/mock_kafka.h"
#include "tests/support/places.h"
#include "tests/support/process.h"
#include "tests/support/running_daemon.h"
#include "tests/support/traffic_log.h"

namespace costdrift::tests {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTopic = "llm.usage";

// A tmpfs at `path` for as long as this lives; only root may.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directory(path_);
    mounted_ = run({"/usr/bin/mount", "-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs", path_}) == 0;
  }
  ~SmallDisk() {
    if (mounted_) (void)run({"/usr/bin/umount", "-l", path_});
  }
  bool mounted() const { return mounted_; }
  // Leaves `mib` of it free.
  void fill_up_to(std::uintmax_t mib) {
    const auto free = std::filesystem::space(path_).available;
    std::ofstream file(filler(), std::ios::app);
    const std::string piece(1 << 20, 'x');
    for (auto left = free; left > (mib + 1) << 20; left -= piece.size()) file << piece;
  }
  void make_room() { std::filesystem::remove(filler()); }

 private:
  std::string filler() const { return path_ + "/filler"; }
  const std::string path_;
  bool mounted_ = false;
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

// The text of an event's time; a partition's rise.
std::string time_of(std::string_view event) {
  const std::size_t at = event.find("\"ts\":\"") + 6;
  return std::string(event.substr(at, event.find('"', at) - at));
}

TEST(DiskFull, ReadingStopsIsToldAndGoesOnWithoutLoss) {
  MockKafka kafka(kTopic, 2, 1);
  const TrafficLog log = demo_traffic(2, {"support-bot", "checkout-assist"});
  HttpStub webhook;
  RunningDaemon daemon({.binary = costdrift_program(),
                        .bootstrap = kafka.bootstrap(),
                        .topic = kTopic,
                        .webhook_url = webhook.url(),
                        .extra_yaml = "",
                        .state_options = ", min_free_mib: 5, ballast_mib: 2"});
  SmallDisk disk(daemon.state_path());
  if (!disk.mounted()) GTEST_SKIP() << "a file system of its own needs root";
  // Cut at one time: what comes after a pause that makes partitions idle must not be late.
  TrafficLog halves[2];
  const std::string cut = time_of(log.partitions[0][log.partitions[0].size() / 2]);
  for (const auto& lines : log.partitions) {
    const auto middle =
        std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return time_of(line) >= cut; });
    halves[0].partitions.emplace_back(lines.begin(), middle);
    halves[1].partitions.emplace_back(middle, lines.end());
  }
  ASSERT_TRUE(publish(halves[0], kafka.bootstrap(), kTopic));
  daemon.start();
  ASSERT_TRUE(daemon.await_consumed(halves[0].records(), 60s)) << daemon.log();
  const std::size_t posts = webhook.requests().size();

  disk.fill_up_to(3);
  const auto full = std::chrono::steady_clock::now();
  ASSERT_TRUE(await([&] { return daemon.api("/api/v1/status").find("reading has stopped") != std::string::npos; }, 10s))
      << daemon.log();
  const double noticed = seconds_since(full);
  ASSERT_TRUE(webhook.await_requests(posts + 1)) << "the sinks are told";
  EXPECT_NE(webhook.requests().back().body.find("disk_full"), std::string::npos);
  const std::string ballast = daemon.state_path() + "/BALLAST";
  EXPECT_TRUE(std::filesystem::exists(ballast)) << "given up while there was space";
  disk.fill_up_to(0);
  EXPECT_TRUE(await([&] { return !std::filesystem::exists(ballast); }, 10s)) << "nothing is left to write with";
  ASSERT_TRUE(publish(halves[1], kafka.bootstrap(), kTopic));
  EXPECT_FALSE(daemon.await_consumed(halves[0].records() + 1, 1500ms)) << "nothing is read meanwhile";

  disk.make_room();
  const auto room = std::chrono::steady_clock::now();
  ASSERT_TRUE(daemon.await_consumed(log.records(), 60s)) << daemon.log();
  const double caught_up = seconds_since(room);
  EXPECT_TRUE(await([&] { return std::filesystem::exists(ballast); }, 10s)) << "laid again for the next time";
  ASSERT_EQ(daemon.stop_gently(), 0) << daemon.log();
  const std::string dump = daemon.dump();
  EXPECT_EQ(records_in(dump), log.records());
  const TempDir directory;
  const auto files = write_files(log, directory);
  ASSERT_EQ(daemon.replay(files, directory.file("alerts"), directory.file("state")), 0);
  EXPECT_EQ(first_difference(daemon.dump_of(directory.file("state")), dump), "");
  std::printf("48 MB full: noticed after %.1f s, everything read %.1f s after there was room, equal\n", noticed,
              caught_up);
}

}  // namespace
}  // namespace costdrift::tests
