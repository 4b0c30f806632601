// SIGKILL at each named point of the program (core/kill_point.h), at a pass drawn from a seed: the next start ends with
// the state and the alerts of a run that was never killed.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <random>
#include <regex>
#include <sstream>

#include "daemon/demo/embedded_broker.h"
#include "tests/support/await.h"
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

// Every COSTDRIFT_KILL_POINT("name") in the sources.
std::set<std::string> points_in_the_sources() {
  std::set<std::string> names;
  const std::regex point(R"re(COSTDRIFT_KILL_POINT\("([a-z_.]+)"\);)re");
  for (const char* folder : {"core", "state", "sinks", "detectors", "daemon"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(source_path(std::string(folder)))) {
      if (entry.path().extension() != ".cc") continue;
      const std::string text = read_file(entry.path());
      for (std::sregex_iterator found(text.begin(), text.end(), point), end; found != end; ++found) {
        EXPECT_TRUE(names.insert((*found)[1]).second) << (*found)[1] << " stands twice";
      }
    }
  }
  return names;
}

std::map<std::string, std::int64_t> passes_in(const std::string& file) {
  std::istringstream lines(read_file(file));
  std::map<std::string, std::int64_t> passes;
  for (std::string name; std::getline(lines, name);) ++passes[name];
  return passes;
}

class KillPoints : public testing::Test {
 protected:
  void SetUp() override {
    auto broker = daemon::EmbeddedBroker::start({.name = kTopic, .partitions = 2});
    ASSERT_TRUE(broker) << broker.error().message;
    broker_ = *std::move(broker);
    log_ = demo_traffic(2, {"support-bot", "checkout-assist"});
    ASSERT_TRUE(publish(log_, broker_->bootstrap(), kTopic));
    daemon_ = std::make_unique<RunningDaemon>(DaemonOptions{.binary = costdrift_with_kill_points(),
                                                            .bootstrap = broker_->bootstrap(),
                                                            .topic = kTopic,
                                                            .webhook_url = webhook_.url(),
                                                            .extra_yaml = ""});
  }

  // Reads everything and stops; the state as text.
  std::string finished_dump(const std::vector<std::string>& environment = {}) {
    daemon_->start(environment);
    EXPECT_TRUE(daemon_->await_consumed(log_.records(), kPatience)) << daemon_->log();
    EXPECT_EQ(daemon_->stop_gently(), 0) << daemon_->log();
    return daemon_->dump();
  }

  // True when the daemon died at the point. It may be passed less often than in the run that counted.
  bool killed_at(const std::string& point, std::int64_t pass) {
    daemon_->start({"COSTDRIFT_KILL_AT=" + point + ":" + std::to_string(pass)});
    const bool read = await(
        [&] { return !daemon_->running() || daemon_->await_consumed(log_.records(), std::chrono::milliseconds(1)); },
        kPatience);
    EXPECT_TRUE(read) << point << " " << pass << "\n" << daemon_->log();
    if (!daemon_->running()) return true;
    return daemon_->stop_gently() != 0;
  }

  HttpStub webhook_;
  TrafficLog log_;
  std::unique_ptr<daemon::EmbeddedBroker> broker_;
  std::unique_ptr<RunningDaemon> daemon_;
  TempDir directory_;
};

TEST_F(KillPoints, KilledAtEachTheNextStartEndsAsIfNothingHadHappened) {
  const std::string file = directory_.file("passed");
  const std::string expected = finished_dump({"COSTDRIFT_KILL_PASSED=" + file});
  const auto needed = newest_versions(expected);
  ASSERT_GE(needed.size(), 2U);
  const auto passes = passes_in(file);
  const auto points = points_in_the_sources();
  EXPECT_GE(points.size(), 14U);
  for (const auto& point : points) EXPECT_TRUE(passes.contains(point)) << point << " is never passed";

  // In a quick run the one between a commit and its messages.
  const std::set<std::string> chosen = scaled(0, 1, 1) != 0 ? points : std::set<std::string>{"commit.after_write"};
  const Seeds seeds = seeds_asked_for({0, scaled(1, 2, 20)});
  int trials = 0, killed = 0, repeated = 0;
  for (const auto& point : chosen) {
    for (std::uint64_t seed = seeds.first; seed < seeds.first + static_cast<std::uint64_t>(seeds.count);
         ++seed, ++trials) {
      std::mt19937_64 random(seed * 1000 + 7);
      // The early half of the passes of the counting run: how many there are depends on the machine.
      const std::int64_t most = std::max<std::int64_t>(1, passes.at(point) / 2);
      daemon_->forget();
      const std::size_t first = webhook_.requests().size();
      killed += killed_at(point, 1 + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most))) ? 1 : 0;
      ASSERT_EQ(first_difference(expected, finished_dump()), "") << point << " seed " << seed;
      const WebhookPosts posts = WebhookPosts::of(webhook_, first);
      EXPECT_EQ(posts.newest, needed) << "a notification was lost at " << point << " seed " << seed;
      EXPECT_LE(posts.duplicates, 1) << point << " seed " << seed;
      repeated += posts.duplicates;
    }
  }
  std::printf("%d of %d equal, killed at a point in %d of them; %d posts repeated\n", trials, trials, killed, repeated);
  EXPECT_GE(killed * 10, trials * 9) << "the points were not reached";
}

TEST(KillPoint, TheProgramThatIsDeliveredHasNone) {
  EXPECT_EQ(read_file(costdrift_program()).find("COSTDRIFT_KILL_AT"), std::string::npos);
  EXPECT_NE(read_file(costdrift_with_kill_points()).find("COSTDRIFT_KILL_AT"), std::string::npos);
}

}  // namespace
}  // namespace costdrift::tests
