#include "daemon/http/api_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/alert_event_json.h"
#include "daemon/incidents/shadow_diff.h"

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

Json match_json(const std::vector<core::Label>& match) {
  Json json = Json::object();
  for (const auto& [dimension, value] : match) json[std::string(core::dimension_name(dimension))] = value;
  return json;
}

Json sinks_json(const std::vector<SinkStatistics>& sinks) {
  Json result = Json::array();
  for (const SinkStatistics& sink : sinks) {
    result.push_back({{"name", sink.name},
                      {"type", sink.type},
                      {"delivered", sink.delivered},
                      {"retried", sink.retried},
                      {"rejected", sink.rejected},
                      {"expired", sink.expired},
                      {"pending", sink.pending},
                      {"last_problem", sink.last_problem}});
  }
  return result;
}

using ToJson = std::string (*)(const core::AlertEvent&);

std::string joined(const std::vector<core::AlertEvent>& events, ToJson to_json) {
  std::string text;
  for (const core::AlertEvent& event : events) text += (text.empty() ? "" : ",") + to_json(event);
  return text;
}

std::string listed(const std::vector<core::AlertEvent>& events, const std::set<std::string>& untold, AlertFilter filter,
                   std::size_t limit, ToJson to_json) {
  std::vector<core::AlertEvent> chosen;
  Json of_chosen = Json::array();
  std::size_t total = 0;
  for (const core::AlertEvent& event : events) {
    if (!matches(filter, event) || ++total > limit) continue;
    chosen.push_back(event);
    if (untold.contains(event.incident_id)) of_chosen.push_back(event.incident_id);
  }
  return "{\"alerts\":[" + joined(chosen, to_json) + "],\"total\":" + std::to_string(total) +
         ",\"untold\":" + of_chosen.dump() + "}";
}

// Of those that are told to anybody.
std::int64_t count_of(const std::vector<core::AlertEvent>& events, const std::set<std::string>& untold, bool pages) {
  return std::count_if(events.begin(), events.end(), [&](const auto& event) {
    return (event.severity > core::Severity::info) == pages && !untold.contains(event.incident_id);
  });
}

}  // namespace

bool is_open(const core::AlertEvent& event) {
  return event.status == core::AlertStatus::firing || event.status == core::AlertStatus::updated;
}

std::string alerts_json(const ApiSnapshot& snapshot, AlertFilter filter, std::size_t limit) {
  return listed(*snapshot.incidents, snapshot.untold, filter, limit, core::to_json);
}

std::string shadow_alerts_json(const ApiSnapshot& snapshot, AlertFilter filter, std::size_t limit) {
  return listed(*snapshot.shadow, snapshot.shadow_untold, filter, limit, core::to_shadow_json);
}

std::string shadow_json(const ApiSnapshot& snapshot) {
  const ShadowDiff diff = shadow_diff(*snapshot.incidents, *snapshot.shadow);
  std::string both;
  for (const auto& [live, shadow] : diff.both) {
    both += (both.empty() ? "" : ",") + ("{\"live\":" + core::to_json(live)) +
            ",\"shadow\":" + core::to_shadow_json(shadow) + "}";
  }
  const auto counts = [&](bool pages) {
    return Json{{"live", count_of(*snapshot.incidents, snapshot.untold, pages)},
                {"shadow", count_of(*snapshot.shadow, snapshot.shadow_untold, pages)}}
        .dump();
  };
  const Json untold = {{"live", snapshot.untold}, {"shadow", snapshot.shadow_untold}};
  return "{\"detectors\":" + Json(snapshot.shadow_detectors).dump() + ",\"pages\":" + counts(true) +
         ",\"tickets\":" + counts(false) + ",\"only_shadow\":[" + joined(diff.only_shadow, core::to_shadow_json) +
         "],\"only_live\":[" + joined(diff.only_live, core::to_json) + "],\"both\":[" + both +
         "],\"untold\":" + untold.dump() + "}";
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
    silences.push_back({{"id", silence.id},
                        {"match", match_json(silence.match)},
                        {"from", core::format_rfc3339(silence.from)},
                        {"until", core::format_rfc3339(silence.until)},
                        {"by", silence.by},
                        {"note", silence.note}});
  }
  return Json{{"silences", std::move(silences)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string changes_json(const ApiSnapshot& snapshot) {
  Json changes = Json::array();
  for (const Declaration& declaration : *snapshot.changes) {
    changes.push_back({{"id", declaration.change.id},
                       {"kind", core::change_kind_name(declaration.change.kind)},
                       {"match", match_json(declaration.match)},
                       {"at", core::format_rfc3339(declaration.change.at)},
                       {"expect", declaration.expect},
                       {"up_to", declaration.up_to ? Json(*declaration.up_to) : Json(nullptr)},
                       {"until", core::format_rfc3339(declaration.until)},
                       {"by", declaration.change.by},
                       {"note", declaration.change.note}});
  }
  return Json{{"changes", std::move(changes)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void add_accounting(state::Accounting& into, const state::Accounting& from) {
  into.consumed += from.consumed;
  into.accepted += from.accepted;
  into.duplicate += from.duplicate;
  into.late += from.late;
  for (const auto& [reason, count] : from.dead_lettered) into.dead_lettered[reason] += count;
}

}  // namespace costdrift::daemon
