#include "daemon/app.h"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "core/kill_point.h"
#include "daemon/dead_letters/dead_letter_producer.h"
#include "daemon/dead_man_switch.h"
#include "daemon/decode/decode.h"
#include "daemon/decode/decode_ahead.h"
#include "daemon/delivery/delivery.h"
#include "daemon/delivery/sink_notice.h"
#include "daemon/delivery/sink_setup.h"
#include "daemon/disk_watch.h"
#include "daemon/http/server.h"
#include "daemon/http/snapshot.h"
#include "daemon/kafka/source.h"
#include "daemon/notify_socket.h"
#include "daemon/pipeline.h"
#include "daemon/prices/price_book.h"
#include "daemon/run_loop.h"

namespace costdrift::daemon {
namespace {

constexpr int kDecodeThreads = 1;  // one decodes faster than the stream thread counts
constexpr core::Duration kPollTimeout = core::milliseconds(100);
constexpr core::Duration kSnapshotEvery = core::milliseconds(250);
constexpr core::Duration kWatchdogEvery = core::seconds(5);
constexpr auto kStartingUp = std::chrono::seconds(5);  // a broker connection may take that long
constexpr core::Duration kDiskCheckEvery = core::seconds(1);
// With a second for the probe, three to leave the group and two for the client (daemon/kafka/source.cc): below ten.
constexpr core::Duration kDeliveryPatience = core::seconds(3);

}  // namespace

struct App::Impl {
  explicit Impl(AppOptions given)
      : options(std::move(given)),
        log(options.settings.log),
        heartbeat(*options.clock),
        began(options.clock->monotonic_now()) {}

  core::Result<void> open() {
    const config::Settings& settings = options.settings;
    auto loaded = PriceBook::configured(settings.prices);
    if (!loaded) return loaded.error();
    prices.emplace(*std::move(loaded));
    for (const auto& alias : prices->unresolved_aliases()) log.warn("prices", unresolved_text(alias));
    auto opened = state::Store::open(settings.state.path, {.min_free_mib = settings.state.min_free_mib});
    if (!opened) return opened.error();
    store = *std::move(opened);
    COSTDRIFT_KILL_POINT("start.opened");
    disk.emplace(DiskWatchOptions{settings.state.path, settings.state.min_free_mib, settings.state.ballast_mib,
                                  options.free_mib});
    deliveries.emplace(*store);
    auto made = Pipeline::make(settings, *store, *prices, [this](const core::AlertEvent& event) { announce(event); });
    if (!made) return made.error();
    pipeline = *std::move(made);
    COSTDRIFT_KILL_POINT("start.loaded");
    return open_outside();
  }

  core::Result<void> open_outside() {
    const config::Settings& settings = options.settings;
    auto setups = make_sinks(settings, *options.clock, options.version);
    if (!setups) return setups.error();
    delivery.emplace(*std::move(setups), *deliveries, *options.clock, nullptr,
                     static_cast<int>(settings.limits.incidents_per_minute), settings.limits.ticket_ttl);
    if (options.source == nullptr) {
      auto source = make_kafka_source(settings.kafka, *options.clock);
      if (!source) return source.error();
      options.source = *std::move(source);
    }
    if (auto kept = keep_rejected(); !kept) return kept;
    auto started = DecodeAhead::start(settings, *prices, kDecodeThreads);
    if (!started) return started.error();
    decode_ahead = *std::move(started);
    loop.emplace(*pipeline, *options.clock,
                 RunLoopOptions{settings.state.commit_interval, settings.time.idle_timeout,
                                parse_on_log_change(settings.kafka.on_log_change), decode_ahead.get()},
                 [this](std::vector<Outgoing> outgoing) { send(std::move(outgoing)); });
    publish();
    auto served = HttpServer::start(settings.http, board, heartbeat, &desk);
    if (!served) return served.error();
    http = *std::move(served);
    auto armed = DeadManSwitch::start(settings.dead_man_switch, {board, heartbeat, *options.clock, waiter, log},
                                      sinks::make_curl_client({.user_agent = "costdrift/" + options.version}));
    if (!armed) return armed.error();
    dead_man_switch = *std::move(armed);
    return {};
  }

  core::Result<void> keep_rejected() {
    if (options.settings.kafka.dead_letter_topic.empty()) return {};
    auto started = DeadLetterProducer::start(options.settings.kafka, options.version);
    if (!started) return started.error();
    dead_letter_topic = *std::move(started);
    dead_letters.emplace(*store, *dead_letter_topic);
    dead_letters->load();
    pipeline->keep_rejected(*dead_letters);
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

  // Each sink is told once a day at most: it knows the notice by its number.
  void watch_series_limit() {
    const std::int64_t limit = options.settings.limits.max_series;
    const core::WallTime now = options.clock->wall_now();
    const std::int64_t day = now.us / core::days(1).us;
    if (pipeline->windows().series_count() < limit || day == series_limit_told_on) return;
    series_limit_told_on = day;
    log.warn("series_limit", "as many series as limits.max_series are kept apart; further ones count together");
    tell_all(series_limit_notice(limit, pipeline->windows().series_census(), now));
  }

  void tell_all(const core::Notification& notice) {
    for (const auto& sink : options.settings.sinks) delivery->want(sink.name, notice);
  }

  void publish() {
    auto snapshot =
        take_snapshot(*pipeline, *loop, options.source->health(), delivery->statistics(), board.get().get());
    snapshot->version = options.version;
    if (dead_letters) note_dead_letters(*snapshot, dead_letters->statistics());
    if (disk->is_full()) {
      snapshot->ready = false;
      snapshot->not_ready_because = disk->problem();
    }
    const bool starting = options.clock->monotonic_now() - began < kStartingUp;
    const bool expected = starting || stopping.load();
    if (!snapshot->ready && !expected && snapshot->not_ready_because != last_problem) {
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
      if (disk_is_full()) {
        wait_for_stop(kPollTimeout);
      } else if (auto turned = loop->turn(*options.source, kPollTimeout); !turned) {
        return turned;
      }
      heartbeat.beat();
      if (auto answered = answer_actions(); !answered) return answered;
      if (due(last_publish, kSnapshotEvery)) {
        publish();
        watch_series_limit();
      }
      if (notify.watchdog_timeout() && due(last_watchdog, kWatchdogEvery)) (void)notify.watchdog();
    }
    return {};
  }

  void wait_for_stop(core::Duration at_most) {
    std::unique_lock lock(stop_mutex);
    stop_wanted.wait_for(lock, std::chrono::microseconds(at_most.us), [this] { return stopping.load(); });
  }

  // While the disk is full reading stops, so that what is known stays whole.
  bool disk_is_full() {
    if (!due(last_disk_check, kDiskCheckEvery)) return disk->is_full();
    switch (disk->look()) {
      case DiskChange::none:
        break;
      case DiskChange::filled:
        log.error("disk", disk->problem());
        tell_all(disk_notice("costdrift: " + disk->problem(), options.clock->wall_now(), false));
        break;
      case DiskChange::freed:
        log.info("disk", "there is space again; reading goes on");
        tell_all(disk_notice("costdrift: there is space again; reading goes on", options.clock->wall_now(), true));
        break;
    }
    return disk->is_full();
  }

  // Nobody is told that something was done before it is durable.
  core::Result<void> answer_actions() {
    const auto requests = desk.take();
    if (requests.empty()) return {};
    std::vector<core::Result<std::string>> results;
    for (const auto& request : requests) {
      results.push_back(pipeline->act(request->action));
      if (results.back()) log.info("action", *results.back());
    }
    if (auto committed = loop->commit(); !committed) return committed;
    publish();
    for (std::size_t i = 0; i < requests.size(); ++i) desk.answer(*requests[i], std::move(results[i]));
    return {};
  }

  core::Result<void> run() {
    log.info("start", "costdrift " + options.version + " runs",
             {{"state", options.settings.state.path}, {"page", url()}});
    send(pipeline->undelivered());
    COSTDRIFT_KILL_POINT("start.resent");
    (void)notify.ready();
    auto result = work();
    (void)notify.stopping();
    desk.close();
    if (result) result = drain();
    if (!result) log.error("stop", result.error().message);
    return result;
  }

  // Nothing may hang here: the source closes within its own bound, the workers within theirs.
  core::Result<void> drain() {
    options.source->close(*loop);
    COSTDRIFT_KILL_POINT("stop.source_closed");
    auto committed = loop->commit();
    COSTDRIFT_KILL_POINT("stop.committed");
    if (dead_letter_topic) dead_letter_topic->begin_stop(kDeliveryPatience);
    delivery->stop(kDeliveryPatience);
    COSTDRIFT_KILL_POINT("stop.delivered");
    if (dead_letter_topic && committed) {
      dead_letter_topic->finish_stop();
      committed = loop->commit();  // forgets what was written meanwhile
    }
    publish();
    log.info("stop", "stopped; everything read is durable");
    return committed;
  }

  std::string url() const { return http == nullptr ? std::string() : http->url(); }

  AppOptions options;
  Log log;
  Heartbeat heartbeat;
  SnapshotBoard board;
  ActionDesk desk;
  NotifySocket notify = NotifySocket::from_environment();
  std::optional<PriceBook> prices;
  std::unique_ptr<state::Store> store;
  std::optional<state::DeliveryTable> deliveries;
  std::unique_ptr<DeadLetterProducer> dead_letter_topic;  // null: rejected records are only counted
  std::optional<DeadLetters> dead_letters;
  std::unique_ptr<Pipeline> pipeline;
  std::optional<Delivery> delivery;
  std::unique_ptr<DecodeAhead> decode_ahead;
  std::optional<RunLoop> loop;
  std::unique_ptr<HttpServer> http;
  SystemWaiter waiter;
  std::unique_ptr<DeadManSwitch> dead_man_switch;  // null: nobody is told
  std::atomic<bool> stopping{false};
  std::mutex stop_mutex;
  std::condition_variable stop_wanted;
  core::MonotonicTime began, last_publish, last_watchdog;
  bool was_ready = false;
  std::string last_problem;
  core::MonotonicTime last_disk_check;
  std::int64_t series_limit_told_on = -1;  // day
  std::optional<DiskWatch> disk;
};

App::App(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
App::~App() = default;

core::Result<std::unique_ptr<App>> App::make(AppOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto opened = impl->open(); !opened) return opened.error();
  return std::unique_ptr<App>(new App(std::move(impl)));
}

core::Result<void> App::run() { return impl_->run(); }
void App::stop() {
  const std::lock_guard lock(impl_->stop_mutex);
  impl_->stopping.store(true);
  impl_->stop_wanted.notify_all();
}
std::string App::url() const { return impl_->url(); }
std::shared_ptr<const ApiSnapshot> App::snapshot() const { return impl_->board.get(); }

}  // namespace costdrift::daemon
