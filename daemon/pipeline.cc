#include "daemon/pipeline.h"

#include <algorithm>
#include <map>
#include <utility>

#include "core/alert_event_json.h"
#include "daemon/incidents/message.h"
#include "daemon/incidents/routing.h"
#include "daemon/incidents/shadow_book.h"
#include "state/alert_record.h"

namespace costdrift::daemon {
namespace {

constexpr std::int64_t kJournalLines = 100'000;
constexpr std::int64_t kActionLines = 100'000;

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
  Impl(const config::Settings& configured, state::Store& store_, const PriceBook& price_book, Decoders its_decoders,
       std::unique_ptr<Detection> detection_stage, OnAlert alert)
      : settings(configured),
        store(store_),
        prices(price_book),
        decoders(std::move(its_decoders)),
        on_alert(std::move(alert)),
        detection(std::move(detection_stage)),
        windows(store_, detection->metrics(), window_options(configured, detection->kinds())),
        incidents(configured, store_, &changes),
        shadow(configured, store_, changes, !detection->shadow_detectors().empty()),
        outbox(store_),
        deliveries(store_),
        journal(store_, kJournalLines),
        actions(store_, kActionLines, state::KeySpace::actions) {}

  struct Partition {
    std::unique_ptr<PartitionIntake> intake;
    std::size_t format = 0;
    bool idle = false;
  };

  core::Result<void> load() {
    if (auto loaded = windows.load(); !loaded) return loaded;
    detection->load();
    load_actions();
    if (auto loaded = incidents.load(windows.closed_until()); !loaded) return loaded;
    return shadow.load(incidents, windows.closed_until());
  }

  // Silences and declared changes that still hold.
  void load_actions() {
    actions.scan([&](std::string_view line) {
      if (const auto action = parse_action(line)) (void)remember(*action);
      return true;
    });
    silences.expire(windows.closed_until());
    changes.expire(windows.closed_until());
  }

  // What an action about no incident leaves behind. False: there is nothing of the id that it names.
  bool remember(const Action& action) {
    switch (action.kind) {
      case ActionKind::silence:
        silences.add(action);
        return true;
      case ActionKind::unsilence:
        return silences.remove(action.silence_id);
      case ActionKind::declare:
        changes.add(action);
        return true;
      case ActionKind::withdraw:
        return changes.remove(action.change_id);
      case ActionKind::ack:
      case ActionKind::snooze:
      case ActionKind::expected:
      case ActionKind::resolve:
        return true;
    }
    core::bug("unknown kind of action");
  }

  void judge(const core::SeriesKey& series, const core::ClosedBucket& bucket) {
    findings.clear();
    shadow_findings.clear();
    detection->observe(series, bucket, windows, findings, shadow_findings);
    for (const auto& finding : findings) {
      if (listener != nullptr) {
        if (const auto why = incidents.withheld(finding)) listener->on_withheld(finding, *why);
      }
      take(finding);
    }
    for (const auto& finding : findings) (void)shadow.take(finding);
    for (const auto& finding : shadow_findings) {
      if (shadow.take(finding)) detection->rebase(finding.series, finding.detector, windows);
    }
    if (listener == nullptr || !listener->wants_buckets()) return;
    detection->standings(series, standings);
    listener->on_bucket(series, bucket, standings);
  }

  // What was announced is put on record, and its judge learns the present; everything else is weighed.
  void take(const core::Finding& finding) {
    const Declaration* announced = changes.expecting(finding);
    if (announced == nullptr || !incidents.would_open(finding)) {
      publish(incidents.apply(finding), Audience::routes);
      if (announced != nullptr) end_expected(finding.evaluated_at);
      return;
    }
    publish({incidents.note_expected(finding, *announced)}, Audience::routes);
    detection->rebase(finding.series, finding.detector, windows);
  }

  void deadlines(core::EventTime now) {
    detection->bucket_time_ended(now);
    const auto last_seen = [this](const core::SeriesKey& series) { return detection->last_seen(series, windows); };
    publish(incidents.advance_to(now, last_seen), Audience::routes);
    shadow.advance_to(now, last_seen);
    silences.expire(now);
    changes.expire(now);
    publish(incidents.release(now, [this](const auto& event) { return is_muted(event); }), Audience::routes);
    for (; planned < plan.size() && plan[planned].at <= now; ++planned) {
      const auto done = carry_out(plan[planned]);
      if (!done) on_plan_problem(done.error().message);
    }
  }

  // `action` was taken: it has its time.
  core::Result<std::string> carry_out(Action action) {
    if (is_about_incident(action.kind)) {
      auto id = incidents.full_id(action.incident_id);
      if (!id) return id.error();
      action.incident_id = *std::move(id);
      answer_incident(action);
    } else if (!remember(action)) {
      return unknown_id(action);
    }
    if (action.kind == ActionKind::declare || action.kind == ActionKind::withdraw) {
      end_expected(action.at);
      publish(incidents.review_causes(action.at), Audience::told);
      shadow.review_causes(action.at);
    }
    actions.append(to_json(action));
    return to_json(action);
  }

  void answer_incident(const Action& action) {
    const auto sources = incidents.sources(action.incident_id);
    shadow.act(action);
    publish({incidents.act(action)}, Audience::told);
    if (action.kind != ActionKind::expected) return;
    for (const auto& source : sources) detection->rebase(source.series, source.detector, windows);
  }

  // Open incidents that a declaration announced end as if called expected.
  void end_expected(core::EventTime now) {
    for (const auto& [id, declaration] : incidents.expected_incidents()) {
      Action expected;
      expected.at = now;
      expected.kind = ActionKind::expected;
      expected.incident_id = id;
      expected.by = declaration->change.by;
      expected.note = declaration->change.note;
      answer_incident(expected);
    }
  }

  static bool is_snoozed(const core::AlertEvent& event) {
    return event.snoozed_until && event.updated_at < *event.snoozed_until;
  }

  bool is_muted(const core::AlertEvent& event) const {
    return is_snoozed(event) || silences.cover(event.labels, event.updated_at);
  }

  // Who may hear of a version: whom the routes name, or only the sinks that know of the incident already.
  enum class Audience : std::uint8_t { routes, told };

  void publish(const std::vector<core::AlertEvent>& events, Audience audience) {
    for (const auto& event : events) {
      journal.append(core::to_json(event));
      if (on_alert) on_alert(event);
      route(event, audience);
    }
  }

  // A sink that was told of an incident hears of its end, whatever the routes or silences say by then; one that was not
  // told, because the incident was silenced or snoozed, does not.
  std::vector<std::string> audience_of(const core::AlertEvent& event, Audience audience) {
    const bool over = action_of(event) == core::NotificationAction::resolve;
    const bool muted = is_muted(event);
    if (muted && !over && audience == Audience::routes) {
      incidents.hold(event.incident_id);
      if (listener != nullptr) {
        listener->on_muted(event, is_snoozed(event) ? Muted::snoozed : Muted::silenced);
      }
      return {};
    }
    const bool untold = over && (muted || incidents.is_held(event.incident_id));
    std::vector<std::string> sinks;
    if (audience == Audience::routes && !untold) sinks = sinks_for(event, settings);
    for (const auto& sink : incidents.told_sinks(event.incident_id)) {
      if (std::find(sinks.begin(), sinks.end(), sink) == sinks.end()) sinks.push_back(sink);
    }
    return sinks;
  }

  void route(const core::AlertEvent& event, Audience audience) {
    for (const auto& sink : audience_of(event, audience)) {
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
  Decoders decoders;
  DecodedBatch single;  // what process() decodes itself
  OnAlert on_alert;
  std::unique_ptr<Detection> detection;
  state::Windows windows;
  DeclaredChanges changes;
  IncidentBook incidents;
  ShadowBook shadow;
  state::Outbox outbox;
  state::DeliveryTable deliveries;
  state::Journal journal, actions;
  Silences silences;
  std::vector<Action> plan;
  std::size_t planned = 0;  // of the plan, how many were carried out
  std::function<void(const std::string&)> on_plan_problem;
  IntakeTotals totals;
  std::map<TopicPartition, std::size_t> index;
  std::vector<Partition> partitions;
  std::vector<core::Finding> findings, shadow_findings;
  std::vector<JudgeStanding> standings;
  std::vector<Outgoing> outgoing;
  PipelineListener* listener = nullptr;
  DeadLetters* dead_letters = nullptr;
};

Pipeline::Pipeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pipeline::~Pipeline() = default;
void Pipeline::listen(PipelineListener& listener) { impl_->listener = &listener; }
void Pipeline::keep_rejected(DeadLetters& letters) { impl_->dead_letters = &letters; }

core::Result<std::unique_ptr<Pipeline>> Pipeline::make(const config::Settings& settings, state::Store& store,
                                                       const PriceBook& prices, OnAlert on_alert) {
  auto detection = Detection::make(settings, store);
  if (!detection) return detection.error();
  auto decoders = Decoders::make(settings);
  if (!decoders) return decoders.error();
  auto impl =
      std::make_unique<Impl>(settings, store, prices, *std::move(decoders), *std::move(detection), std::move(on_alert));
  if (auto loaded = impl->load(); !loaded) return loaded.error();
  return std::unique_ptr<Pipeline>(new Pipeline(std::move(impl)));
}

core::Result<std::size_t> Pipeline::add_partition(const TopicPartition& partition) {
  if (const auto known = impl_->index.find(partition); known != impl_->index.end()) return known->second;
  auto intake =
      std::make_unique<PartitionIntake>(partition, impl_->settings.time, impl_->store, impl_->windows, impl_->totals);
  intake->listen(impl_->listener);
  intake->keep_rejected(impl_->dead_letters);
  if (auto loaded = intake->load(); !loaded) return loaded.error();
  impl_->partitions.push_back({std::move(intake), impl_->decoders.format_of(partition.topic), false});
  return impl_->index[partition] = impl_->partitions.size() - 1;
}

const PartitionIntake& Pipeline::partition(std::size_t i) const { return *impl_->partitions[i].intake; }
std::size_t Pipeline::partitions() const { return impl_->partitions.size(); }

void Pipeline::process(const LogRecord& record) {
  impl_->single.clear();
  impl_->single.add(record, format(record.partition));
  decode(impl_->single);
  process(impl_->single);
}

void Pipeline::process(const DecodedBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    Impl::Partition& partition = impl_->partitions[batch.partition_of(i)];
    partition.idle = false;
    partition.intake->process(batch.at(i));
  }
}

void Pipeline::decode(DecodedBatch& batch) { batch.decode(impl_->decoders, impl_->prices); }
std::size_t Pipeline::format(std::size_t partition) const { return impl_->partitions[partition].format; }

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

core::Result<std::string> Pipeline::act(const Action& action) {
  const core::EventTime now = impl_->windows.closed_until();
  if (now == core::EventTime::min()) {
    return core::fail(core::ErrorCode::try_again, "no events have been judged yet, so there is nothing to answer");
  }
  return impl_->carry_out(taken_at(action, now));
}

void Pipeline::plan(std::vector<Action> taken, std::function<void(const std::string&)> on_problem) {
  std::stable_sort(taken.begin(), taken.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
  impl_->plan = std::move(taken);
  impl_->planned = 0;
  impl_->on_plan_problem = std::move(on_problem);
}

std::vector<Silence> Pipeline::silences() const { return impl_->silences.all(); }
const DeclaredChanges& Pipeline::changes() const { return impl_->changes; }

core::Result<std::vector<Outgoing>> Pipeline::commit() {
  impl_->windows.save();
  impl_->detection->save();
  for (auto& partition : impl_->partitions) partition.intake->save();
  if (impl_->dead_letters != nullptr) impl_->dead_letters->settle();
  if (auto committed = impl_->store.commit(); !committed) return committed.error();
  if (impl_->dead_letters != nullptr) impl_->dead_letters->committed();
  return std::exchange(impl_->outgoing, {});
}

bool Pipeline::has_outgoing() const { return !impl_->outgoing.empty(); }
bool Pipeline::commit_is_urgent() const { return impl_->dead_letters && impl_->dead_letters->many_uncommitted(); }

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
const IncidentBook* Pipeline::shadow_incidents() const { return impl_->shadow.book(); }
const Detection& Pipeline::detection() const { return *impl_->detection; }
const state::Windows& Pipeline::windows() const { return impl_->windows; }

}  // namespace costdrift::daemon
