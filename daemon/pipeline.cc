#include "daemon/pipeline.h"

#include <algorithm>
#include <map>

#include "core/alert_event_json.h"
#include "daemon/message.h"
#include "daemon/routing.h"
#include "state/alert_record.h"

namespace costdrift::daemon {
namespace {

constexpr std::int64_t kJournalLines = 100'000;

state::WindowOptions window_options(const config::Settings& settings, core::SeriesKinds judged) {
  return {.bucket = settings.time.bucket,
          .run_timeout = settings.time.run_timeout,
          .max_series = settings.limits.max_series,
          .roll_ups = judged};
}

core::NotificationAction action_of(const core::AlertEvent& event) {
  switch (event.status) {
    case core::AlertStatus::firing:
      return core::NotificationAction::trigger;
    case core::AlertStatus::updated:
      return core::NotificationAction::update;
    case core::AlertStatus::resolved:
    case core::AlertStatus::retracted:
      return core::NotificationAction::resolve;
  }
  core::bug("unknown alert status");
}

}  // namespace

struct Pipeline::Impl {
  Impl(const config::Settings& configured, state::Store& store_, const PriceBook& price_book,
       std::unique_ptr<Detection> detection_stage, OnAlert alert)
      : settings(configured),
        store(store_),
        prices(price_book),
        on_alert(std::move(alert)),
        detection(std::move(detection_stage)),
        windows(store_, detection->metrics(), window_options(configured, detection->kinds())),
        incidents(configured, store_),
        outbox(store_),
        deliveries(store_),
        journal(store_, kJournalLines) {}

  struct Partition {
    std::unique_ptr<PartitionIntake> intake;
    Decoder* decoder = nullptr;
    bool idle = false;
  };

  core::Result<void> load() {
    if (auto loaded = windows.load(); !loaded) return loaded;
    detection->load();
    return incidents.load(windows.closed_until());
  }

  core::Result<Decoder*> decoder_for(const std::string& topic) {
    std::string format = "canonical";
    for (const auto& configured : settings.kafka.topics) {
      if (configured.name == topic) format = configured.format;
    }
    auto& decoder = decoders[format];
    if (decoder == nullptr) {
      auto made = make_decoder(format, {.max_message_bytes = settings.limits.max_message_bytes});
      if (!made) return made.error();
      decoder = *std::move(made);
    }
    return decoder.get();
  }

  void judge(const core::SeriesKey& series, const core::ClosedBucket& bucket) {
    findings.clear();
    detection->observe(series, bucket, windows, findings);
    for (const auto& finding : findings) publish(incidents.apply(finding));
  }

  void deadlines(core::EventTime now) {
    publish(incidents.advance_to(
        now, [this](const core::SeriesKey& series) { return detection->last_seen(series, windows); }));
  }

  void publish(const std::vector<core::AlertEvent>& events) {
    for (const auto& event : events) {
      journal.append(core::to_json(event));
      if (on_alert) on_alert(event);
      route(event);
    }
  }

  // A sink that was told of an incident hears of its end, whatever the routes say by then.
  void route(const core::AlertEvent& event) {
    auto sinks = sinks_for(event, settings);
    for (const auto& sink : incidents.told_sinks(event.incident_id)) {
      if (std::find(sinks.begin(), sinks.end(), sink) == sinks.end()) sinks.push_back(sink);
    }
    for (const auto& sink : sinks) {
      const core::Notification notification{action_of(event), event};
      outbox.want({sink, event.incident_id, event.version, static_cast<std::uint8_t>(notification.action),
                   state::encode_alert_event(event)});
      incidents.told(event.incident_id, sink);
      outgoing.push_back({sink, notification});
    }
  }

  const config::Settings& settings;
  state::Store& store;
  const PriceBook& prices;
  OnAlert on_alert;
  std::unique_ptr<Detection> detection;
  state::Windows windows;
  IncidentBook incidents;
  state::Outbox outbox;
  state::DeliveryTable deliveries;
  state::Journal journal;
  IntakeTotals totals;
  std::map<std::string, std::unique_ptr<Decoder>> decoders;
  std::map<TopicPartition, std::size_t> index;
  std::vector<Partition> partitions;
  std::vector<core::Finding> findings;
  std::vector<Outgoing> outgoing;
};

Pipeline::Pipeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pipeline::~Pipeline() = default;

core::Result<std::unique_ptr<Pipeline>> Pipeline::make(const config::Settings& settings, state::Store& store,
                                                       const PriceBook& prices, OnAlert on_alert) {
  auto detection = Detection::make(settings, store);
  if (!detection) return detection.error();
  auto impl = std::make_unique<Impl>(settings, store, prices, *std::move(detection), std::move(on_alert));
  if (auto loaded = impl->load(); !loaded) return loaded.error();
  return std::unique_ptr<Pipeline>(new Pipeline(std::move(impl)));
}

core::Result<std::size_t> Pipeline::add_partition(const TopicPartition& partition) {
  if (const auto known = impl_->index.find(partition); known != impl_->index.end()) return known->second;
  const auto decoder = impl_->decoder_for(partition.topic);
  if (!decoder) return decoder.error();
  auto intake = std::make_unique<PartitionIntake>(partition, impl_->settings.time, impl_->prices, impl_->store,
                                                  impl_->windows, impl_->totals);
  if (auto loaded = intake->load(); !loaded) return loaded.error();
  impl_->partitions.push_back({std::move(intake), *decoder, false});
  return impl_->index[partition] = impl_->partitions.size() - 1;
}

const PartitionIntake& Pipeline::partition(std::size_t i) const { return *impl_->partitions[i].intake; }
std::size_t Pipeline::partitions() const { return impl_->partitions.size(); }

void Pipeline::process(const LogRecord& record) {
  Impl::Partition& partition = impl_->partitions[record.partition];
  partition.idle = false;
  partition.intake->process(record, *partition.decoder);
}

bool Pipeline::contradicts(const LogRecord& record) const {
  return impl_->partitions[record.partition].intake->contradicts(record);
}

void Pipeline::begin_another_log(std::size_t partition, std::int64_t begin) {
  impl_->partitions[partition].intake->begin_another_log(begin);
}

void Pipeline::set_idle(std::size_t partition, bool idle) { impl_->partitions[partition].idle = idle; }
bool Pipeline::idle(std::size_t partition) const { return impl_->partitions[partition].idle; }

core::EventTime Pipeline::watermark() const {
  core::EventTime smallest = core::EventTime::max(), largest = core::EventTime::min();
  for (const auto& partition : impl_->partitions) {
    const core::EventTime mark = partition.intake->watermark();
    largest = std::max(largest, mark);
    if (!partition.idle) smallest = std::min(smallest, mark);
  }
  return smallest == core::EventTime::max() ? largest : smallest;
}

void Pipeline::advance() {
  const core::EventTime mark = watermark();
  if (mark == core::EventTime::min() || mark <= impl_->windows.closed_until()) return;
  impl_->windows.close_until(
      mark, [this](const core::SeriesKey& series, const core::ClosedBucket& bucket) { impl_->judge(series, bucket); },
      [this](core::EventTime end) { impl_->deadlines(end); });
}

core::Result<std::vector<Outgoing>> Pipeline::commit() {
  impl_->windows.save();
  impl_->detection->save();
  for (auto& partition : impl_->partitions) partition.intake->save();
  if (auto committed = impl_->store.commit(); !committed) return committed.error();
  std::vector<Outgoing> outgoing;
  outgoing.swap(impl_->outgoing);
  return outgoing;
}

bool Pipeline::has_outgoing() const { return !impl_->outgoing.empty(); }

std::vector<Outgoing> Pipeline::undelivered() const {
  std::vector<Outgoing> result;
  for (const auto& entry : impl_->outbox.pending()) {
    if (auto event = state::decode_alert_event(entry.alert_event)) {
      result.push_back({entry.sink, {static_cast<core::NotificationAction>(entry.action), *std::move(event)}});
    }
  }
  return result;
}

const IntakeTotals& Pipeline::totals() const { return impl_->totals; }
const IncidentBook& Pipeline::incidents() const { return impl_->incidents; }
const Detection& Pipeline::detection() const { return *impl_->detection; }
const state::Windows& Pipeline::windows() const { return impl_->windows; }

}  // namespace costdrift::daemon
