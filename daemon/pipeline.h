// Pipeline: THE list of stages, for live and replay alike. Bytes in, alert events out; nothing may bypass it.
//
//   record -> decode -> intake -> windows -> (watermark) bucket close -> detection -> incidents -> routing + message
//          -> commit: ONE synced batch of windows, detector memory, incidents, outbox, journal and next offsets
//
// Operation  process() counts records; advance() closes every bucket that the watermark has passed and runs judgement
//            and deadlines in event time; commit() makes all of it durable and returns what the sinks should know.
//            Everything behind bucket close is a function of closed buckets and event time, so the result depends
//            neither on how partitions interleave nor on when commits happen.
// Threads    one thread (the stream thread).
// Errors     only commit() and the two makers can fail; bad input is counted, never an error.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/settings.h"
#include "core/result.h"
#include "daemon/answers/answers.h"
#include "daemon/dead_letters/dead_letters.h"
#include "daemon/decode/decoded_batch.h"
#include "daemon/detection.h"
#include "daemon/incidents/announcer.h"
#include "daemon/incidents/incident_book.h"
#include "daemon/intake.h"
#include "daemon/log_source.h"
#include "daemon/prices/price_book.h"
#include "state/store.h"
#include "state/windows.h"

namespace costdrift::daemon {

class Pipeline {
 public:
  // Reads the state back. The settings, the store and the prices outlive the pipeline.
  static core::Result<std::unique_ptr<Pipeline>> make(const config::Settings& settings, state::Store& store,
                                                      const PriceBook& prices, Announcer::OnAlert on_alert);
  ~Pipeline();
  // Who is told what happens besides alerts; before the first partition. Outlives the pipeline.
  void listen(PipelineListener& listener);
  // Who keeps records with rejected events; before the first partition. Outlives the pipeline. Without one, as in
  // replay, they are only counted.
  void keep_rejected(DeadLetters& letters);

  // Adds a partition (or finds it again) and returns its index. Error: its position cannot be read back.
  core::Result<std::size_t> add_partition(const TopicPartition& partition);
  const PartitionIntake& partition(std::size_t index) const;
  std::size_t partitions() const;

  void process(const LogRecord& record);
  // The same for records that were decoded before, by anyone who has the same settings and prices; those that are not
  // wanted are left out, as if the log did not hold them.
  void process(const DecodedBatch& batch);
  // Decodes here what has not been decoded elsewhere.
  void decode(DecodedBatch& batch);
  // For DecodedBatch::add().
  std::size_t format(std::size_t partition) const;
  // As PartitionIntake: whether a record shows that its partition is another log, and what to do about it then.
  bool contradicts(const LogRecord& record) const;
  void begin_another_log(std::size_t partition, std::int64_t begin);

  // An idle partition (read to its end, silent) does not hold the watermark.
  void set_idle(std::size_t partition, bool idle);
  bool idle(std::size_t partition) const;

  // The smallest watermark of the partitions that are not idle (of all, the largest, when every one is idle).
  core::EventTime watermark() const;
  void advance();

  // Carries out what a person said, from the end of the newest closed bucket on; durable with the next commit. Returns
  // what was done. Errors: usage (no such incident, it has ended, no such silence), try_again (nothing was read yet).
  core::Result<std::string> act(const Action& action);
  // Replay: actions taken before, to be carried out again at their times. One that cannot be is told to `on_problem`.
  void plan(std::vector<Action> taken, Answers::OnProblem on_problem);
  std::vector<Silence> silences() const;
  const DeclaredChanges& changes() const;

  // Makes everything durable and returns what is to be sent. An error is final: exit and reopen.
  core::Result<std::vector<Outgoing>> commit();
  // The next commit will return something.
  bool has_outgoing() const;
  // The next commit should not wait for its time.
  bool commit_is_urgent() const;
  // What earlier runs decided and did not deliver.
  std::vector<Outgoing> undelivered() const;

  const IntakeTotals& totals() const;
  const IncidentBook& incidents() const;
  // What would have been told with the shadow detectors on; nullptr: there are none.
  const IncidentBook* shadow_incidents() const;
  const Detection& detection() const;
  const state::Windows& windows() const;

 private:
  struct Impl;
  explicit Pipeline(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace costdrift::daemon
