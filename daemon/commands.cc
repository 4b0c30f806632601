#include "daemon/commands.h"

#include <pthread.h>

#include <csignal>
#include <iostream>
#include <thread>

#include "config/settings.h"
#include "core/clock.h"
#include "daemon/app.h"
#include "daemon/catalogue.h"
#include "daemon/decode/decode.h"
#include "daemon/delivery/sink_setup.h"
#include "daemon/detection.h"
#include "daemon/prices/price_book.h"
#include "state/dump.h"

namespace costdrift::daemon {
namespace {

// Blocks the signals in this thread and all that it will start; a thread of its own waits for one and stops the app.
class SignalStopper {
 public:
  SignalStopper() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGTERM);
    sigaddset(&signals_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
  }
  void watch(App& app) {
    thread_ = std::thread([this, &app] {
      int received = 0;
      sigwait(&signals_, &received);
      app.stop();
    });
  }
  // Ends the watching thread by the very signal that it waits for.
  ~SignalStopper() {
    if (!thread_.joinable()) return;
    pthread_kill(thread_.native_handle(), SIGTERM);
    thread_.join();
  }

 private:
  sigset_t signals_{};
  std::thread thread_;
};

core::AlertEvent test_event() {
  core::AlertEvent event;
  event.incident_id = "00000000000000000000000000000000";
  event.detector = "prompt_growth";
  event.severity = core::Severity::info;
  event.reason = "test";
  event.series = core::SeriesKey::of({{core::Dimension::app, "costdrift-test"}, {core::Dimension::model, "none"}});
  event.labels = event.series.labels();
  event.unit = "tokens/call";
  event.quantity = "input tokens per call";
  event.expected = 1000;
  event.observed = 1000;
  event.summary = "costdrift test message: this sink works; nothing has happened and nothing needs to be done";
  return event;
}

std::string outcome_text(const sinks::Outcome& outcome) {
  if (std::holds_alternative<sinks::Delivered>(outcome)) return "delivered";
  if (const auto* retry = std::get_if<sinks::Retry>(&outcome)) return "not now: " + retry->reason;
  return "rejected: " + std::get<sinks::Rejected>(outcome).reason;
}

}  // namespace

int report(const core::Error& error) {
  std::cerr << "costdrift: " << error.message << '\n';
  return static_cast<int>(error.code);
}

int run_command(const RunOptions& options, const std::string& version) {
  auto settings = config::load_settings(options.config, catalogue());
  if (!settings) return report(settings.error());
  static const core::SystemClock clock;
  SignalStopper stopper;
  auto app = App::make({.settings = *std::move(settings), .source = nullptr, .clock = &clock, .version = version});
  if (!app) return report(app.error());
  stopper.watch(**app);
  const auto result = (*app)->run();
  return result ? 0 : report(result.error());
}

int check_command(const CheckOptions& options) {
  const auto settings = config::load_settings(options.config, catalogue());
  if (!settings) return report(settings.error());
  if (const auto made = make_detectors(*settings); !made) return report(made.error());
  const auto prices = PriceBook::configured(settings->prices);
  if (!prices) return report(prices.error());
  for (const auto& alias : prices->unresolved_aliases())
    std::cerr << "costdrift: warning: " << unresolved_text(alias) << '\n';
  if (options.print_effective) {
    std::cout << config::print_effective(*settings, catalogue());
  } else {
    std::cout << options.config << ": no problems\n";
  }
  return 0;
}

int state_dump_command(const StateDumpOptions& options) {
  const auto dumped = state::dump_state(options.path, {.with_deliveries = options.with_deliveries},
                                        [](std::string_view line) { std::cout << line << '\n'; });
  if (!dumped) return report(dumped.error());
  std::cout.flush();
  return std::cout ? 0 : report(core::fail(core::ErrorCode::io, "writing the dump to standard output failed"));
}

int reference_command() {
  std::cout << config::print_reference(catalogue());
  return 0;
}

int send_test_command(const SendTestOptions& options, const std::string& version) {
  const auto settings = config::load_settings(options.config, catalogue());
  if (!settings) return report(settings.error());
  static const core::SystemClock clock;
  auto sinks = make_sinks(*settings, clock, version);
  if (!sinks) return report(sinks.error());
  core::AlertEvent event = test_event();
  event.onset = event.onset_earliest = event.onset_latest = event.detected_at = {clock.wall_now().us};
  bool all_delivered = true, any = false;
  for (auto& setup : *sinks) {
    if (!options.sink.empty() && setup.name != options.sink) continue;
    any = true;
    auto outcome = setup.sink->deliver({core::NotificationAction::trigger, event});
    if (std::holds_alternative<sinks::Delivered>(outcome)) {
      core::AlertEvent end = event;
      end.version = 2;
      end.status = core::AlertStatus::resolved;
      end.resolved_at = event.detected_at;
      outcome = setup.sink->deliver({core::NotificationAction::resolve, end});
    }
    all_delivered = all_delivered && std::holds_alternative<sinks::Delivered>(outcome);
    std::cout << setup.name << " (" << setup.type << "): " << outcome_text(outcome) << '\n';
  }
  if (!any) {
    return report(core::fail(core::ErrorCode::usage,
                             "sending a test message: the configuration has no sink named \"" + options.sink + "\""));
  }
  return all_delivered ? 0 : static_cast<int>(core::ErrorCode::unavailable);
}

}  // namespace costdrift::daemon
