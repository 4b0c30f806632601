#include "daemon/http/snapshot.h"

#include <algorithm>
#include <limits>

namespace costdrift::daemon {
namespace {

constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

std::vector<PartitionStatus> partition_statuses(const Pipeline& pipeline, const RunLoop& loop) {
  std::vector<PartitionStatus> result;
  for (std::size_t i = 0; i < pipeline.partitions(); ++i) {
    const PartitionIntake& intake = pipeline.partition(i);
    const state::Position& position = intake.position();
    result.push_back({.partition = intake.partition(),
                      .next_offset = position.next_offset,
                      .newest = position.newest,
                      .caught_up = i < loop.partitions().size() && loop.partitions()[i].caught_up,
                      .idle = pipeline.idle(i),
                      .accounting = position.accounting});
  }
  return result;
}

// After a storm there may be ten thousand of them: copied only when one has changed.
void take_incidents(ApiSnapshot& snapshot, const IncidentBook& book, const ApiSnapshot* previous) {
  snapshot.incident_changes = book.changes();
  if (previous != nullptr && previous->incident_changes == book.changes()) {
    snapshot.incidents = previous->incidents;
    snapshot.untold = previous->untold;
  } else {
    snapshot.untold = book.untold();
    snapshot.incidents = std::make_shared<const std::vector<core::AlertEvent>>(book.newest(kAll));
  }
}

void take_shadow(ApiSnapshot& snapshot, const Pipeline& pipeline, const ApiSnapshot* previous) {
  const IncidentBook* book = pipeline.shadow_incidents();
  if (book == nullptr) return;
  snapshot.shadow_untold = book->untold();
  snapshot.shadow_detectors = pipeline.detection().shadow_detectors();
  snapshot.shadow_changes = book->changes();
  if (previous != nullptr && previous->shadow_changes == book->changes()) {
    snapshot.shadow = previous->shadow;
  } else {
    snapshot.shadow = std::make_shared<const std::vector<core::AlertEvent>>(book->newest(kAll));
  }
}

void take_changes(ApiSnapshot& snapshot, const DeclaredChanges& changes, const ApiSnapshot* previous) {
  snapshot.change_edits = changes.edits();
  if (previous != nullptr && previous->change_edits == changes.edits()) {
    snapshot.changes = previous->changes;
  } else {
    snapshot.changes = std::make_shared<const std::vector<Declaration>>(changes.all());
  }
}

}  // namespace

std::shared_ptr<ApiSnapshot> take_snapshot(const Pipeline& pipeline, const RunLoop& loop,
                                           const LogSource::Health& health, std::vector<SinkStatistics> sinks,
                                           const ApiSnapshot* previous) {
  auto snapshot = std::make_shared<ApiSnapshot>();
  snapshot->ready = health.connected && loop.anything_assigned();
  if (!snapshot->ready) {
    snapshot->not_ready_because = health.problem.empty() ? "no partition is assigned yet" : health.problem;
  } else if (!health.problem.empty()) {
    snapshot->problems.push_back(health.problem);
  }
  for (const auto& sink : sinks) {
    if (!sink.last_problem.empty()) snapshot->problems.push_back("sink " + sink.name + ": " + sink.last_problem);
  }
  snapshot->partitions = partition_statuses(pipeline, loop);
  snapshot->watermark = pipeline.watermark();
  snapshot->series = pipeline.windows().series_count();
  snapshot->open_buckets = pipeline.windows().open_bucket_count();
  snapshot->judges = pipeline.detection().judges();
  snapshot->lag = health.lag;
  snapshot->commits = loop.commits();
  const IntakeTotals& totals = pipeline.totals();
  snapshot->unpriced_events = totals.unpriced;
  snapshot->reported_usd = core::to_usd(totals.reported);
  snapshot->computed_usd = core::to_usd(totals.computed);
  snapshot->input_tokens = totals.input_tokens;
  snapshot->output_tokens = totals.output_tokens;
  take_incidents(*snapshot, pipeline.incidents(), previous);
  snapshot->sinks = std::move(sinks);
  snapshot->silences = pipeline.silences();
  take_shadow(*snapshot, pipeline, previous);
  take_changes(*snapshot, pipeline.changes(), previous);
  return snapshot;
}

void note_dead_letters(ApiSnapshot& snapshot, DeadLetterStatistics statistics) {
  if (!statistics.problem.empty()) snapshot.problems.push_back(statistics.problem);
  snapshot.dead_letters = std::move(statistics);
}

}  // namespace costdrift::daemon
