#include "daemon/api_json.h"

#include <nlohmann/json.hpp>

#include "core/alert_event_json.h"

namespace costdrift::daemon {

namespace {

using Json = nlohmann::ordered_json;

bool matches(AlertFilter filter, const core::AlertEvent& event) {
  switch (filter) {
    case AlertFilter::all:
      return true;
    case AlertFilter::firing:
      return is_open(event);
    case AlertFilter::resolved:
      return !is_open(event);
  }
  core::bug("unknown AlertFilter");
}

Json time_json(core::EventTime time) {
  if (time == core::EventTime::min() || time == core::EventTime::max()) return nullptr;
  return core::format_rfc3339(time);
}

Json accounting_json(const state::Accounting& accounting) {
  Json dead = Json::object();
  for (const auto& [reason, count] : accounting.dead_lettered) dead[reason] = count;
  return {{"consumed", accounting.consumed},
          {"accepted", accounting.accepted},
          {"duplicate", accounting.duplicate},
          {"late", accounting.late},
          {"dead_lettered", std::move(dead)}};
}

Json partitions_json(const std::vector<PartitionStatus>& partitions) {
  Json result = Json::array();
  for (const PartitionStatus& status : partitions) {
    result.push_back({{"topic", status.partition.topic},
                      {"partition", status.partition.partition},
                      {"next_offset", status.next_offset},
                      {"newest", time_json(status.newest)},
                      {"caught_up", status.caught_up},
                      {"idle", status.idle},
                      {"accounting", accounting_json(status.accounting)}});
  }
  return result;
}

Json sinks_json(const std::vector<SinkStatistics>& sinks) {
  Json result = Json::array();
  for (const SinkStatistics& sink : sinks) {
    result.push_back({{"name", sink.name},
                      {"type", sink.type},
                      {"delivered", sink.delivered},
                      {"retried", sink.retried},
                      {"rejected", sink.rejected},
                      {"pending", sink.pending},
                      {"last_problem", sink.last_problem}});
  }
  return result;
}

}  // namespace

bool is_open(const core::AlertEvent& event) {
  return event.status == core::AlertStatus::firing || event.status == core::AlertStatus::updated;
}

std::string alerts_json(const ApiSnapshot& snapshot, AlertFilter filter, std::size_t limit) {
  std::string alerts;
  std::size_t total = 0;
  for (const core::AlertEvent& event : *snapshot.incidents) {
    if (!matches(filter, event) || ++total > limit) continue;
    if (!alerts.empty()) alerts += ',';
    alerts += core::to_json(event);
  }
  return "{\"alerts\":[" + alerts + "],\"total\":" + std::to_string(total) + "}";
}

std::optional<std::string> alert_json(const ApiSnapshot& snapshot, std::string_view incident_id) {
  for (const core::AlertEvent& event : *snapshot.incidents) {
    if (event.incident_id == incident_id) return core::to_json(event);
  }
  return std::nullopt;
}

std::string status_json(const ApiSnapshot& snapshot, core::Duration heartbeat_age) {
  state::Accounting total;
  for (const PartitionStatus& partition : snapshot.partitions) add_accounting(total, partition.accounting);
  const Json status = {{"version", snapshot.version},
                       {"ready", snapshot.ready},
                       {"not_ready_because", snapshot.not_ready_because},
                       {"problems", snapshot.problems},
                       {"heartbeat_age_seconds", core::to_seconds(heartbeat_age)},
                       {"watermark", time_json(snapshot.watermark)},
                       {"lag_records", snapshot.lag},
                       {"accounting", accounting_json(total)},
                       {"unpriced_events", snapshot.unpriced_events},
                       {"usd", {{"reported", snapshot.reported_usd}, {"computed", snapshot.computed_usd}}},
                       {"tokens", {{"input", snapshot.input_tokens}, {"output", snapshot.output_tokens}}},
                       {"series", snapshot.series},
                       {"judges", snapshot.judges},
                       {"open_buckets", snapshot.open_buckets},
                       {"commits", snapshot.commits},
                       {"partitions", partitions_json(snapshot.partitions)},
                       {"sinks", sinks_json(snapshot.sinks)}};
  // Topic and sink texts come from outside: bytes that are not UTF-8 must not become an exception.
  return status.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string silences_json(const ApiSnapshot& snapshot) {
  Json silences = Json::array();
  for (const Silence& silence : snapshot.silences) {
    Json match = Json::object();
    for (const auto& [dimension, value] : silence.match) match[std::string(core::dimension_name(dimension))] = value;
    silences.push_back({{"id", silence.id},
                        {"match", std::move(match)},
                        {"from", core::format_rfc3339(silence.from)},
                        {"until", core::format_rfc3339(silence.until)},
                        {"by", silence.by},
                        {"note", silence.note}});
  }
  return Json{{"silences", std::move(silences)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void add_accounting(state::Accounting& into, const state::Accounting& from) {
  into.consumed += from.consumed;
  into.accepted += from.accepted;
  into.duplicate += from.duplicate;
  into.late += from.late;
  for (const auto& [reason, count] : from.dead_lettered) into.dead_lettered[reason] += count;
}

}  // namespace costdrift::daemon
