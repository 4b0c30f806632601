// The daemon in this process: what it does when the disk is full, and that the dead man's switch hears of it.
#include "daemon/app.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "daemon/catalogue.h"
#include "tests/support/await.h"
#include "tests/support/http_stub.h"
#include "tests/support/temp_dir.h"

namespace costdrift::daemon {
namespace {

// Counts how often it is asked; holds nothing.
class CountingSource final : public LogSource {
 public:
  explicit CountingSource(std::atomic<int>& polls) : polls_(polls) {}
  core::Result<void> poll(core::Duration, LogHandler& handler) override {
    if (!assigned_) (void)handler.on_assigned({"llm.usage", 0});
    assigned_ = true;
    ++polls_;
    std::this_thread::yield();
    return {};
  }
  Health health() const override { return {.connected = true}; }
  void close(LogHandler&) override {}

 private:
  std::atomic<int>& polls_;
  bool assigned_ = false;
};

// Runs from here to the end of the scope.
class RunningApp {
 public:
  explicit RunningApp(const std::string& extra_yaml) {
    auto settings = config::parse_settings(
        "kafka: {brokers: \"localhost:1\", topics: [{name: llm.usage}]}\nstate: {path: " + directory_.file("state") +
            ", min_free_mib: 1, ballast_mib: 0}\nhttp: {listen: \"127.0.0.1:0\"}\nsinks: {me: {type: console}}\n" +
            extra_yaml,
        "test.yaml", catalogue());
    if (!settings) core::bug(settings.error().message.c_str());
    auto app = App::make({.settings = *std::move(settings),
                          .source = std::make_unique<CountingSource>(polls),
                          .clock = &clock_,
                          .version = "test",
                          .free_mib = [this](const std::string&) { return std::optional(free_mib.load()); }});
    if (!app) core::bug(app.error().message.c_str());
    app_ = *std::move(app);
    thread_ = std::thread([this] { EXPECT_TRUE(app_->run()); });
  }
  ~RunningApp() {
    app_->stop();
    thread_.join();
  }
  std::shared_ptr<const ApiSnapshot> snapshot() const { return app_->snapshot(); }

  std::atomic<int> polls{0};
  std::atomic<std::int64_t> free_mib{1'000};

 private:
  const tests::TempDir directory_;
  const core::SystemClock clock_;
  std::unique_ptr<App> app_;
  std::thread thread_;
};

TEST(AppDiskTest, AFullDiskStopsReadingUntilThereIsSpaceAgain) {
  RunningApp app("");
  EXPECT_TRUE(tests::await([&] { return app.snapshot()->ready; }));
  app.free_mib = 0;
  EXPECT_TRUE(tests::await([&] { return !app.snapshot()->ready; }));
  EXPECT_NE(app.snapshot()->not_ready_because.find("reading has stopped: 0 MiB are free"), std::string::npos);
  const int stopped_at = app.polls;
  app.free_mib = 1'000;
  EXPECT_TRUE(tests::await([&] { return app.snapshot()->ready && app.polls > stopped_at; }));
}

TEST(AppDeadManSwitchTest, HearsOfADaemonThatWatches) {
  const tests::HttpStub receiver;
  const tests::TempDir directory;
  const RunningApp app("dead_man_switch: {url_file: " + directory.write("url", receiver.url("/ping")) + "}\n");
  ASSERT_TRUE(receiver.await_requests(1));
  EXPECT_EQ(receiver.requests()[0].target, "/ping");
}

}  // namespace
}  // namespace costdrift::daemon
