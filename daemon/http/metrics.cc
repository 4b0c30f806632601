#include "daemon/http/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/http/api_json.h"
#include "daemon/incidents/shadow_diff.h"

namespace costdrift::daemon {

namespace {

using Label = prometheus::ClientMetric::Label;
using Labels = std::vector<Label>;

class Page {
 public:
  void counter(std::string_view name, std::string_view help) { open(name, help, prometheus::MetricType::Counter); }
  void gauge(std::string_view name, std::string_view help) { open(name, help, prometheus::MetricType::Gauge); }

  // One value of the family opened last.
  void add(double value, Labels labels = {}) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = value;
    metric.gauge.value = value;
    families_.back().metric.push_back(std::move(metric));
  }
  void add(std::int64_t value, Labels labels = {}) { add(static_cast<double>(value), std::move(labels)); }

  std::string text() const { return prometheus::TextSerializer().prometheus::Serializer::Serialize(families_); }

 private:
  void open(std::string_view name, std::string_view help, prometheus::MetricType type) {
    prometheus::MetricFamily family;
    family.name = "costdrift_" + std::string(name);
    family.help = help;
    family.type = type;
    families_.push_back(std::move(family));
  }

  std::vector<prometheus::MetricFamily> families_;
};

Labels place(const PartitionStatus& status) {
  return {{"topic", status.partition.topic}, {"partition", std::to_string(status.partition.partition)}};
}

void add_health(Page& page, const ApiSnapshot& snapshot, core::Duration heartbeat_age) {
  page.gauge("build_info", "Always 1; the label tells the version of the running program.");
  page.add(1.0, {{"version", snapshot.version}});
  page.gauge("ready", "1 when the daemon is ready (/readyz), otherwise 0.");
  page.add(snapshot.ready ? 1.0 : 0.0);
  page.gauge("problems", "Things that are wrong while the daemon goes on (the page and /api/v1/status name them).");
  page.add(static_cast<double>(snapshot.problems.size()));
  page.gauge("heartbeat_age_seconds", "Time since the stream thread last moved; /healthz fails from 30 s.");
  page.add(core::to_seconds(heartbeat_age));
}

// Sums per topic: partitions come and go with rebalances, topics do not.
std::map<std::string, state::Accounting> accounting_by_topic(const ApiSnapshot& snapshot) {
  std::map<std::string, state::Accounting> result;
  for (const PartitionStatus& status : snapshot.partitions) {
    add_accounting(result[status.partition.topic], status.accounting);
  }
  return result;
}

void add_events(Page& page, const ApiSnapshot& snapshot) {
  const auto topics = accounting_by_topic(snapshot);
  page.counter("events_consumed_total", "Events read: accepted + rejected + duplicate + late.");
  for (const auto& [topic, sums] : topics) page.add(sums.consumed, {{"topic", topic}});
  page.counter("events_accepted_total", "Events counted in the windows.");
  for (const auto& [topic, sums] : topics) page.add(sums.accepted, {{"topic", topic}});
  page.counter("events_rejected_total", "Events that could not be used, by reason (dead-letter reasons).");
  for (const auto& [topic, sums] : topics) {
    for (const auto& [reason, count] : sums.dead_lettered) page.add(count, {{"topic", topic}, {"reason", reason}});
  }
  page.counter("events_duplicate_total", "Events dropped because their event id was seen before.");
  for (const auto& [topic, sums] : topics) page.add(sums.duplicate, {{"topic", topic}});
  page.counter("events_late_total",
               "Events too late for their window: in ledger, budgets and the past, but not judged.");
  for (const auto& [topic, sums] : topics) page.add(sums.late, {{"topic", topic}, {"action", "ledger_only"}});
  page.counter("unpriced_events_total", "Events without a cost of their own and without a listed price.");
  page.add(snapshot.unpriced_events);
}

void add_progress(Page& page, const ApiSnapshot& snapshot) {
  page.gauge("watermark_timestamp_seconds", "Event time up to which windows are closed, since 1970.");
  if (snapshot.watermark > core::EventTime::min()) page.add(static_cast<double>(snapshot.watermark.us) / 1e6);
  page.gauge("consumer_lag_records", "Records behind the end of the log, over all partitions, where known.");
  page.add(snapshot.lag);
  page.gauge("partition_next_offset", "The offset that will be read next.");
  for (const PartitionStatus& status : snapshot.partitions) page.add(status.next_offset, place(status));
  page.gauge("partition_newest_timestamp_seconds", "Event time of the partition's newest accepted event, since 1970.");
  for (const PartitionStatus& status : snapshot.partitions) {
    if (status.newest > core::EventTime::min()) page.add(static_cast<double>(status.newest.us) / 1e6, place(status));
  }
  page.counter("commits_total", "Synced writes of the whole state since the program started.");
  page.add(snapshot.commits);
}

void add_spend(Page& page, const ApiSnapshot& snapshot) {
  page.counter("cost_usd_total", "Spend seen in US dollars: reported by the events, or computed from listed prices.");
  page.add(snapshot.reported_usd, {{"cost_source", "reported"}});
  page.add(snapshot.computed_usd, {{"cost_source", "computed"}});
  page.counter("tokens_total", "Tokens seen: input with cache reads and writes, output with reasoning.");
  page.add(snapshot.input_tokens, {{"type", "input"}});
  page.add(snapshot.output_tokens, {{"type", "output"}});
}

void add_judgement(Page& page, const ApiSnapshot& snapshot) {
  page.gauge("series_active", "Series with windows.");
  page.add(snapshot.series);
  page.gauge("judges_active", "Pairs of series and detector that are judged.");
  page.add(snapshot.judges);
  page.gauge("open_buckets", "Bucket summaries that still wait for the watermark.");
  page.add(snapshot.open_buckets);
  std::map<std::pair<std::string, std::string>, std::int64_t> open;
  for (const core::AlertEvent& event : *snapshot.incidents) {
    if (is_open(event)) ++open[{event.detector, std::string(core::severity_name(event.severity))}];
  }
  page.gauge("alerts_active", "Open incidents.");
  for (const auto& [key, count] : open) page.add(count, {{"detector", key.first}, {"severity", key.second}});
  page.gauge("shadow_alerts_active", "Open incidents that only shadow detectors see, and nobody is told of.");
  if (!snapshot.shadow) return;
  std::map<std::pair<std::string, std::string>, std::int64_t> hidden;
  for (const core::AlertEvent& event : shadow_diff(*snapshot.incidents, *snapshot.shadow).only_shadow) {
    if (is_open(event)) ++hidden[{event.detector, std::string(core::severity_name(event.severity))}];
  }
  for (const auto& [key, count] : hidden) page.add(count, {{"detector", key.first}, {"severity", key.second}});
}

void add_delivery(Page& page, const ApiSnapshot& snapshot) {
  page.counter("notifications_total", "Attempts to deliver a message, whatever came of them.");
  for (const SinkStatistics& sink : snapshot.sinks) {
    page.add(sink.delivered + sink.retried + sink.rejected, {{"sink", sink.name}});
  }
  page.counter("notifications_failed_total",
               "Attempts that failed: temporary (will be tried again) or rejected (given up).");
  for (const SinkStatistics& sink : snapshot.sinks) {
    page.add(sink.retried, {{"sink", sink.name}, {"reason", "temporary"}});
    page.add(sink.rejected, {{"sink", sink.name}, {"reason", "rejected"}});
  }
  page.counter("notifications_expired_total", "Tickets given up because their sink could not be told for too long.");
  for (const SinkStatistics& sink : snapshot.sinks) page.add(sink.expired, {{"sink", sink.name}});
  page.gauge("outbox_size", "Messages that wait for their sink.");
  for (const SinkStatistics& sink : snapshot.sinks) page.add(sink.pending, {{"sink", sink.name}});
}

void add_dead_letters(Page& page, const DeadLetterStatistics& statistics) {
  page.counter("dead_letters_written_total", "Rejected records that the dead-letter topic has.");
  page.add(statistics.written);
  page.gauge("dead_letters_pending", "Rejected records that wait for the dead-letter topic.");
  page.add(statistics.pending);
  page.counter("dead_letters_dropped_total",
               "Rejected records that were not kept for the dead-letter topic, or that it refused for good.");
  page.add(statistics.too_many, {{"reason", "too_many"}});
  page.add(statistics.too_large, {{"reason", "too_large"}});
  page.add(statistics.refused, {{"reason", "refused"}});
}

}  // namespace

std::string render_metrics(const ApiSnapshot& snapshot, core::Duration heartbeat_age) {
  Page page;
  add_health(page, snapshot, heartbeat_age);
  add_events(page, snapshot);
  add_progress(page, snapshot);
  add_spend(page, snapshot);
  add_judgement(page, snapshot);
  add_delivery(page, snapshot);
  add_dead_letters(page, snapshot.dead_letters);
  return page.text();
}

}  // namespace costdrift::daemon
