#include "daemon/pipeline.h"

#include <algorithm>
#include <map>
#include <utility>

#include "daemon/answers/answers.h"
#include "daemon/incidents/announcer.h"
#include "daemon/incidents/shadow_book.h"

namespace costdrift::daemon {
namespace {

state::WindowOptions window_options(const config::Settings& settings, core::SeriesKinds judged) {
  return {.bucket = settings.time.bucket,
          .run_timeout = settings.time.run_timeout,
          .max_series = settings.limits.max_series,
          .roll_ups = judged};
}

}  // namespace

struct Pipeline::Impl {
  Impl(const config::Settings& configured, state::Store& store_, const PriceBook& price_book, Decoders its_decoders,
       std::unique_ptr<Detection> detection_stage, Announcer::OnAlert alert)
      : settings(configured),
        store(store_),
        prices(price_book),
        decoders(std::move(its_decoders)),
        detection(std::move(detection_stage)),
        windows(store_, detection->metrics(), window_options(configured, detection->kinds())),
        incidents(configured, store_, &standing.changes),
        shadow(configured, store_, standing.changes, standing.silences, !detection->shadow_detectors().empty()),
        announcer(configured, store_, incidents, standing.silences, std::move(alert)),
        answers(store_, {standing, incidents, shadow, *detection, windows, announcer}) {}

  struct Partition {
    std::unique_ptr<PartitionIntake> intake;
    std::size_t format = 0;
    bool idle = false;
  };

  core::Result<void> load() {
    if (auto loaded = windows.load(); !loaded) return loaded;
    detection->load();
    answers.load(windows.closed_until());
    if (auto loaded = incidents.load(windows.closed_until()); !loaded) return loaded;
    return shadow.load(incidents, windows.closed_until());
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
    const Declaration* announced = standing.changes.expecting(finding);
    if (announced == nullptr || !incidents.would_open(finding)) {
      announcer.publish(incidents.apply(finding), Audience::routes);
      if (announced != nullptr) answers.end_expected(finding.evaluated_at);
      return;
    }
    announcer.publish({incidents.note_expected(finding, *announced)}, Audience::routes);
    detection->rebase(finding.series, finding.detector, windows);
  }

  void deadlines(core::EventTime now) {
    detection->bucket_time_ended(now);
    const auto last_seen = [this](const core::SeriesKey& series) { return detection->last_seen(series, windows); };
    announcer.publish(incidents.advance_to(now, last_seen), Audience::routes);
    shadow.advance_to(now, last_seen);
    standing.expire(now);
    const auto muted = [this](const auto& event) { return is_muted(event, standing.silences); };
    announcer.publish(incidents.release(now, muted), Audience::routes);
    shadow.release(now);
    answers.carry_out_planned(now);
  }

  const config::Settings& settings;
  state::Store& store;
  const PriceBook& prices;
  Decoders decoders;
  DecodedBatch single;  // what process() decodes itself
  std::unique_ptr<Detection> detection;
  state::Windows windows;
  StandingAnswers standing;
  IncidentBook incidents;
  ShadowBook shadow;
  Announcer announcer;
  Answers answers;
  IntakeTotals totals;
  std::map<TopicPartition, std::size_t> index;
  std::vector<Partition> partitions;
  std::vector<core::Finding> findings, shadow_findings;
  std::vector<JudgeStanding> standings;
  PipelineListener* listener = nullptr;
  DeadLetters* dead_letters = nullptr;
};

Pipeline::Pipeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Pipeline::~Pipeline() = default;
void Pipeline::listen(PipelineListener& listener) {
  impl_->listener = &listener;
  impl_->announcer.listen(listener);
}
void Pipeline::keep_rejected(DeadLetters& letters) { impl_->dead_letters = &letters; }

core::Result<std::unique_ptr<Pipeline>> Pipeline::make(const config::Settings& settings, state::Store& store,
                                                       const PriceBook& prices, Announcer::OnAlert on_alert) {
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
    const DecodedRecord record = batch.at(i);
    if (!record.wanted) continue;
    Impl::Partition& partition = impl_->partitions[record.record.partition];
    partition.idle = false;
    partition.intake->process(record);
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
  return impl_->answers.carry_out(taken_at(action, now));
}

void Pipeline::plan(std::vector<Action> taken, Answers::OnProblem on_problem) {
  impl_->answers.plan(std::move(taken), std::move(on_problem));
}

std::vector<Silence> Pipeline::silences() const { return impl_->standing.silences.all(); }
const DeclaredChanges& Pipeline::changes() const { return impl_->standing.changes; }

core::Result<std::vector<Outgoing>> Pipeline::commit() {
  impl_->windows.save();
  impl_->detection->save();
  for (auto& partition : impl_->partitions) partition.intake->save();
  if (impl_->dead_letters != nullptr) impl_->dead_letters->settle();
  if (impl_->listener != nullptr) impl_->listener->on_commit(impl_->store);
  if (auto committed = impl_->store.commit(); !committed) return committed.error();
  if (impl_->dead_letters != nullptr) impl_->dead_letters->committed();
  return impl_->announcer.take_outgoing();
}

bool Pipeline::has_outgoing() const { return impl_->announcer.has_outgoing(); }
bool Pipeline::commit_is_urgent() const { return impl_->dead_letters && impl_->dead_letters->many_uncommitted(); }

std::vector<Outgoing> Pipeline::undelivered() const { return impl_->announcer.undelivered(); }

const IntakeTotals& Pipeline::totals() const { return impl_->totals; }
const IncidentBook& Pipeline::incidents() const { return impl_->incidents; }
const IncidentBook* Pipeline::shadow_incidents() const { return impl_->shadow.book(); }
const Detection& Pipeline::detection() const { return *impl_->detection; }
const state::Windows& Pipeline::windows() const { return impl_->windows; }

}  // namespace costdrift::daemon
