#include "daemon/demo/demo_command.h"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <thread>

#include "core/text.h"
#include "daemon/app.h"
#include "daemon/commands.h"
#include "daemon/demo/demo_setup.h"
#include "daemon/demo/embedded_broker.h"
#include "daemon/demo/playback.h"
#include "daemon/demo/scoreboard.h"

namespace costdrift::daemon {
namespace {

using namespace demo;

constexpr core::Duration kDrainPatience = core::seconds(60);

// The daemon in a thread of its own, as `costdrift run` would run it.
class RunningApp {
 public:
  explicit RunningApp(std::unique_ptr<App> app) : app_(std::move(app)) {
    thread_ = std::thread([this] {
      if (auto result = app_->run(); !result) error_.emplace(result.error());
      ended_.store(true);
    });
  }
  ~RunningApp() { stop(); }
  void stop() {
    app_->stop();
    if (thread_.joinable()) thread_.join();
  }
  bool failed() const { return ended_.load(); }
  const std::optional<core::Error>& error() const { return error_; }
  const App& app() const { return *app_; }

 private:
  std::unique_ptr<App> app_;
  std::optional<core::Error> error_;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

class Progress {
 public:
  explicit Progress(const char* phase) : phase_(phase), begin_(std::chrono::steady_clock::now()) {}
  void show(const Playback& playback, const Workload& workload) {
    if (isatty(STDOUT_FILENO) == 0) return;
    std::printf("\r%s: %s, %s events read ", phase_, core::format_clock(workload.now(), true).c_str(),
                core::group_digits(playback.consumed()).c_str());
    std::fflush(stdout);
  }
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }

 private:
  const char* phase_;
  std::chrono::steady_clock::time_point begin_;
};

std::vector<AlertFacts> alerts_of(const Receiver& receiver) {
  std::vector<AlertFacts> alerts;
  for (const auto& post : receiver.posts()) {
    if (post.target != Target::webhook) continue;
    if (auto alert = read_alert(post.body)) alerts.push_back(*std::move(alert));
  }
  return alerts;
}

core::Result<void> play(Workload& workload, Playback& playback) {
  Progress history("history");
  const std::int64_t before = playback.consumed();
  auto played = playback.play_until(workload.day_start(), [&] { history.show(playback, workload); });
  if (!played) return played;
  const double seconds = history.seconds();
  const auto events = static_cast<double>(playback.consumed() - before);
  std::printf("\rhistory: %s events read in %.1f s: %s events a second, end to end\n",
              core::group_digits(playback.consumed()).c_str(), seconds,
              core::group_digits(static_cast<std::int64_t>(events / seconds)).c_str());
  Progress day("the day");
  played = playback.play_until(workload.end(), [&] { day.show(playback, workload); });
  if (!played) return played;
  if (auto drained = playback.await_drained(kDrainPatience); !drained) return drained;
  std::printf("\rthe day: %s events in all, read, judged and delivered\n\n",
              core::group_digits(playback.consumed()).c_str());
  return {};
}

void await_interrupt() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  int received = 0;
  sigwait(&signals, &received);
}

core::Result<bool> run_demo(const DemoOptions& options, const std::string& version, const EmbeddedBroker& broker) {
  static const core::SystemClock clock;
  auto script = parse_incident_script(shipped_incident_script());
  if (!script) return script.error();
  WorkloadOptions workload_options;
  workload_options.history_days = options.quick ? 2 : 7;
  workload_options.partitions = kDemoPartitions;
  workload_options.volume = 2.5;
  Workload workload(workload_options, *std::move(script));

  auto receiver = Receiver::start(clock, [](const Post& post) { std::printf("\r%s\n", describe(post).c_str()); });
  if (!receiver) return receiver.error();
  auto setup = DemoSetup::make(broker.bootstrap(), **receiver);
  if (!setup) return setup.error();
  auto settings = setup->settings();
  if (!settings) return settings.error();
  auto producer = Producer::start(broker.bootstrap(), kDemoTopic);
  if (!producer) return producer.error();
  auto app = App::make({.settings = *std::move(settings), .source = nullptr, .clock = &clock, .version = version});
  if (!app) return app.error();
  RunningApp running(*std::move(app));
  std::printf("page: %s\nbroker: %s (embedded), topic %s, %d partitions\n", running.app().url().c_str(),
              broker.bootstrap().c_str(), kDemoTopic, kDemoPartitions);

  Playback playback(workload, **producer, running.app(), [&] { return running.failed(); });
  if (auto played = play(workload, playback); !played) {
    running.stop();
    return running.error().value_or(played.error());
  }
  if (options.keep) {
    std::printf("the page stays up at %s until Ctrl-C\n", running.app().url().c_str());
    await_interrupt();
  }
  running.stop();
  const std::vector<PlayedIncident> played(workload.incidents().begin(), workload.incidents().end());
  const Score result = score(played, alerts_of(**receiver));
  std::printf("%s", to_text(result).c_str());
  return result.passed();
}

}  // namespace

int demo_command(const DemoOptions& options, const std::string& version) {
  // First of all: the broker is forked before any thread exists.
  auto broker = EmbeddedBroker::start({.name = kDemoTopic, .partitions = kDemoPartitions});
  if (!broker) return report(broker.error());
  const auto passed = run_demo(options, version, **broker);
  std::fflush(stdout);
  if (!passed) return report(passed.error());
  return *passed ? 0 : 1;
}

}  // namespace costdrift::daemon
