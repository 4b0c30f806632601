#include "daemon/app.h"

#include <unistd.h>

#include <algorithm>

#include "daemon/delivery.h"
#include "daemon/http_server.h"
#include "daemon/kafka_source.h"
#include "daemon/notify_socket.h"
#include "daemon/pipeline.h"
#include "daemon/price_book.h"
#include "daemon/run_loop.h"
#include "daemon/sink_setup.h"
#include "daemon/snapshot.h"

namespace costdrift::daemon {
namespace {

constexpr core::Duration kPollTimeout = core::milliseconds(100);
constexpr core::Duration kSnapshotEvery = core::milliseconds(250);
constexpr core::Duration kWatchdogEvery = core::seconds(5);
constexpr auto kStartingUp = std::chrono::seconds(5);  // a broker connection may take that long
constexpr core::Duration kDeliveryPatience = core::seconds(4);

core::Result<PriceBook> load_prices(const config::PriceSettings& prices) {
  if (prices.path.empty()) return PriceBook::shipped(prices.aliases);
  return PriceBook::load(prices.path, prices.aliases);
}

}  // namespace

struct App::Impl {
  explicit Impl(AppOptions given)
      : options(std::move(given)),
        log(options.settings.log),
        heartbeat(*options.clock),
        began(options.clock->monotonic_now()) {}

  core::Result<void> open() {
    const config::Settings& settings = options.settings;
    auto loaded = load_prices(settings.prices);
    if (!loaded) return loaded.error();
    prices.emplace(*std::move(loaded));
    auto opened = state::Store::open(settings.state.path, {.min_free_mib = settings.state.min_free_mib});
    if (!opened) return opened.error();
    store = *std::move(opened);
    deliveries.emplace(*store);
    auto made = Pipeline::make(settings, *store, *prices, [this](const core::AlertEvent& event) { announce(event); });
    if (!made) return made.error();
    pipeline = *std::move(made);
    return open_outside();
  }

  core::Result<void> open_outside() {
    const config::Settings& settings = options.settings;
    auto setups = make_sinks(settings, *options.clock);
    if (!setups) return setups.error();
    delivery.emplace(*std::move(setups), *deliveries, *options.clock);
    if (options.source == nullptr) {
      auto source = make_kafka_source(settings.kafka, *options.clock);
      if (!source) return source.error();
      options.source = *std::move(source);
    }
    loop.emplace(*pipeline, *options.clock,
                 RunLoopOptions{settings.state.commit_interval, settings.time.idle_timeout,
                                parse_on_log_change(settings.kafka.on_log_change)},
                 [this](std::vector<Outgoing> outgoing) { send(std::move(outgoing)); });
    publish();
    auto served = HttpServer::start(settings.http, board, heartbeat);
    if (!served) return served.error();
    http = *std::move(served);
    return {};
  }

  void announce(const core::AlertEvent& event) {
    log.info("alert." + std::string(core::status_name(event.status)), event.summary,
             {{"incident", event.incident_id},
              {"version", std::to_string(event.version)},
              {"severity", std::string(core::severity_name(event.severity))},
              {"reason", event.reason}});
  }

  void send(std::vector<Outgoing> outgoing) {
    for (auto& item : outgoing) delivery->want(item.sink, std::move(item.notification));
  }

  void publish() {
    auto snapshot = take_snapshot(*pipeline, *loop, options.source->health(), delivery->statistics());
    snapshot->version = options.version;
    const bool starting = options.clock->monotonic_now() - began < kStartingUp;
    if (!snapshot->ready && !starting && snapshot->not_ready_because != last_problem) {
      log.warn("not_ready", snapshot->not_ready_because);
    } else if (snapshot->ready && !was_ready) {
      log.info("ready", "consuming", {{"partitions", std::to_string(snapshot->partitions.size())}, {"page", url()}});
    }
    was_ready = snapshot->ready;
    last_problem = starting ? std::string() : snapshot->not_ready_because;
    board.publish(std::move(snapshot));
    last_publish = options.clock->monotonic_now();
  }

  bool due(core::MonotonicTime& last, core::Duration every) const {
    if (options.clock->monotonic_now() - last < std::chrono::microseconds(every.us)) return false;
    last = options.clock->monotonic_now();
    return true;
  }

  core::Result<void> work() {
    while (!stopping.load()) {
      if (auto turned = loop->turn(*options.source, kPollTimeout); !turned) return turned;
      heartbeat.beat();
      if (due(last_publish, kSnapshotEvery)) publish();
      if (notify.watchdog_timeout() && due(last_watchdog, kWatchdogEvery)) (void)notify.watchdog();
    }
    return {};
  }

  core::Result<void> run() {
    log.info("start", "costdrift " + options.version + " runs",
             {{"state", options.settings.state.path}, {"page", url()}});
    send(pipeline->undelivered());
    (void)notify.ready();
    auto result = work();
    (void)notify.stopping();
    if (result) result = drain();
    if (!result) log.error("stop", result.error().message);
    return result;
  }

  // Nothing may hang here: the source closes within its own bound, the workers within theirs.
  core::Result<void> drain() {
    options.source->close(*loop);
    auto committed = loop->commit();
    delivery->stop(kDeliveryPatience);
    publish();
    log.info("stop", "stopped; everything read is durable");
    return committed;
  }

  std::string url() const { return http == nullptr ? std::string() : http->url(); }

  AppOptions options;
  Log log;
  Heartbeat heartbeat;
  SnapshotBoard board;
  NotifySocket notify = NotifySocket::from_environment();
  std::optional<PriceBook> prices;
  std::unique_ptr<state::Store> store;
  std::optional<state::DeliveryTable> deliveries;
  std::unique_ptr<Pipeline> pipeline;
  std::optional<Delivery> delivery;
  std::optional<RunLoop> loop;
  std::unique_ptr<HttpServer> http;
  std::atomic<bool> stopping{false};
  core::MonotonicTime began, last_publish, last_watchdog;
  bool was_ready = false;
  std::string last_problem;
};

App::App(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
App::~App() = default;

core::Result<std::unique_ptr<App>> App::make(AppOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto opened = impl->open(); !opened) return opened.error();
  return std::unique_ptr<App>(new App(std::move(impl)));
}

core::Result<void> App::run() { return impl_->run(); }
void App::stop() { impl_->stopping.store(true); }
std::string App::url() const { return impl_->url(); }
std::shared_ptr<const ApiSnapshot> App::snapshot() const { return impl_->board.get(); }

}  // namespace costdrift::daemon
