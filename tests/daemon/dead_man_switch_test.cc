#include "daemon/dead_man_switch.h"

#include <gtest/gtest.h>

#include <mutex>

#include "tests/support/fake_clock.h"
#include "tests/support/temp_dir.h"

namespace costdrift::daemon {
namespace {

// Takes what is posted, on the switch's own thread.
class Receiver final : public sinks::HttpClient {
 public:
  sinks::HttpReply post(const sinks::HttpRequest& request) override {
    const std::lock_guard lock(mutex_);
    bodies_.push_back(request.body);
    return {.status = status_};
  }
  std::vector<std::string> bodies() const {
    const std::lock_guard lock(mutex_);
    return bodies_;
  }
  void answer(int status) {
    const std::lock_guard lock(mutex_);
    status_ = status;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> bodies_;
  int status_ = 200;
};

class DeadManSwitchTest : public testing::Test {
 protected:
  core::Result<std::unique_ptr<DeadManSwitch>> start(const std::string& url) {
    const std::string file = directory_.write("url", url);
    auto receiver = std::make_unique<Receiver>();
    receiver_ = receiver.get();
    return DeadManSwitch::start({file, core::minutes(1)}, {board_, heartbeat_, clock_, clock_, log_},
                                std::move(receiver));
  }
  void say(bool ready) {
    auto snapshot = std::make_shared<ApiSnapshot>();
    snapshot->ready = ready;
    board_.publish(std::move(snapshot));
  }
  // The stream thread moves all the while.
  void pass(core::Duration time) {
    for (; time.us > 0; time = time - core::seconds(1)) {
      heartbeat_.beat();
      clock_.advance(core::seconds(1));
      ASSERT_TRUE(clock_.await_sleepers());
    }
  }

  const tests::TempDir directory_;
  tests::FakeClock clock_;
  SnapshotBoard board_;
  Heartbeat heartbeat_{clock_};
  const Log log_{{.level = "error"}};
  Receiver* receiver_ = nullptr;
};

TEST_F(DeadManSwitchTest, BeatsOnceAMinuteWhileTheDaemonWatches) {
  say(true);
  auto started = start("https://receiver.example/x");
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_TRUE(clock_.await_sleepers());
  EXPECT_EQ(receiver_->bodies().size(), 1U);
  pass(core::minutes(3));
  ASSERT_EQ(receiver_->bodies().size(), 4U);
  EXPECT_EQ(receiver_->bodies()[1], R"({"type":"costdrift.watching","timestamp":"2026-03-02T14:06:00Z"})");
}

TEST_F(DeadManSwitchTest, IsSilentWhileTheDaemonIsNotReady) {
  say(false);
  auto started = start("https://receiver.example/x");
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_TRUE(clock_.await_sleepers());
  pass(core::minutes(2));
  EXPECT_EQ(receiver_->bodies().size(), 0U);
  say(true);
  pass(core::seconds(1));
  EXPECT_EQ(receiver_->bodies().size(), 1U) << "the receiver need not wait for the next minute";
}

TEST_F(DeadManSwitchTest, IsSilentWhileTheStreamThreadStandsStill) {
  say(true);
  auto started = start("https://receiver.example/x");
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_TRUE(clock_.await_sleepers());
  clock_.advance(core::minutes(2));
  ASSERT_TRUE(clock_.await_sleepers());
  EXPECT_EQ(receiver_->bodies().size(), 1U);
}

TEST_F(DeadManSwitchTest, GoesOnAfterARefusal) {
  say(true);
  auto started = start("https://receiver.example/x");
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_TRUE(clock_.await_sleepers());
  receiver_->answer(500);
  pass(core::minutes(1));
  receiver_->answer(200);
  pass(core::minutes(1));
  EXPECT_EQ(receiver_->bodies().size(), 3U);
}

TEST_F(DeadManSwitchTest, WithoutAReceiverThereIsNone) {
  auto started = DeadManSwitch::start({}, {board_, heartbeat_, clock_, clock_, log_}, std::make_unique<Receiver>());
  ASSERT_TRUE(started);
  EXPECT_EQ(*started, nullptr);
}

TEST_F(DeadManSwitchTest, AnAddressThatMayNotBeUsedIsRefusedWithoutItsPath) {
  const auto started = start("http://receiver.example/secret");
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("dead_man_switch.url_file"), std::string::npos) << started.error().message;
  EXPECT_EQ(started.error().message.find("/secret"), std::string::npos) << started.error().message;
}

}  // namespace
}  // namespace costdrift::daemon
