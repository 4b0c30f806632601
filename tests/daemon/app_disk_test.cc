// A full disk stops reading, not the daemon: /readyz says why, and reading goes on when there is space again.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "daemon/app.h"
#include "daemon/catalogue.h"
#include "tests/support/await.h"
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

TEST(AppDiskTest, AFullDiskStopsReadingUntilThereIsSpaceAgain) {
  const tests::TempDir directory;
  auto settings = config::parse_settings(
      "kafka: {brokers: \"localhost:1\", topics: [{name: llm.usage}]}\nstate: {path: " + directory.file("state") +
          ", min_free_mib: 1}\nhttp: {listen: \"127.0.0.1:0\"}\nsinks: {me: {type: console}}\n",
      "test.yaml", catalogue());
  ASSERT_TRUE(settings) << settings.error().message;
  const core::SystemClock clock;
  std::atomic<int> polls{0};
  std::atomic<std::int64_t> free_mib{1'000};
  auto app = App::make({.settings = *std::move(settings),
                        .source = std::make_unique<CountingSource>(polls),
                        .clock = &clock,
                        .version = "test",
                        .free_mib = [&](const std::string&) { return std::optional(free_mib.load()); }});
  ASSERT_TRUE(app) << app.error().message;
  std::thread daemon([&] { EXPECT_TRUE((*app)->run()); });
  EXPECT_TRUE(tests::await([&] { return (*app)->snapshot()->ready; }));

  free_mib = 0;
  EXPECT_TRUE(tests::await([&] { return !(*app)->snapshot()->ready; }));
  EXPECT_NE((*app)->snapshot()->not_ready_because.find("reading has stopped: 0 MiB are free"), std::string::npos);
  const int stopped_at = polls;
  free_mib = 1'000;
  EXPECT_TRUE(tests::await([&] { return (*app)->snapshot()->ready && polls > stopped_at; }));
  (*app)->stop();
  daemon.join();
}

}  // namespace
}  // namespace costdrift::daemon
