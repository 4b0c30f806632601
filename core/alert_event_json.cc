#include "core/alert_event_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace costdrift::core {
namespace {

using Json = nlohmann::ordered_json;

// Doubles hold every integer below this one.
constexpr double kExactIntegers = 9'007'199'254'740'992;

Json number(double value) {
  if (!std::isfinite(value)) return nullptr;
  const bool whole = value == std::floor(value) && std::abs(value) < kExactIntegers;
  return whole ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

// Six significant digits.
Json measured(double value) {
  if (!std::isfinite(value)) return nullptr;
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.begin(), buffer.end(), value, std::chars_format::scientific, 5).ptr;
  double rounded = 0;
  std::from_chars(buffer.begin(), end, rounded);
  return number(rounded);
}

double in_cents(double usd) { return std::round(usd * 100); }

Json dollars(std::optional<double> usd) { return usd ? number(in_cents(*usd) / 100) : Json(nullptr); }

// The parts in whole cents, so that they add up to the total in whole cents: the cents lost by rounding down go to
// the parts that lost most.
std::array<double, kCostParts> cents_of_parts(const double (&parts)[kCostParts], double total) {
  std::array<double, kCostParts> cents{}, lost{};
  double missing = in_cents(total);
  for (std::size_t i = 0; i < kCostParts; ++i) {
    cents[i] = std::floor(parts[i] * 100);
    lost[i] = parts[i] * 100 - cents[i];
    missing -= cents[i];
  }
  const bool adds_up = missing >= 0 && missing <= kCostParts;
  for (std::size_t i = 0; i < kCostParts && !adds_up; ++i) cents[i] = in_cents(parts[i]);
  for (; adds_up && missing > 0; --missing) {
    const auto most = static_cast<std::size_t>(std::max_element(lost.begin(), lost.end()) - lost.begin());
    cents[most] += 1;
    lost[most] = -1;
  }
  return cents;
}

Json split(const AlertEvent& event) {
  Json json = Json::object();
  const auto cents = cents_of_parts(event.usd_split, event.usd_per_hour.value_or(0));
  for (std::size_t i = 0; i < kCostParts; ++i) {
    json[std::string(cost_part_name(static_cast<CostPart>(i)))] =
        event.usd_per_hour ? number(cents[i] / 100) : Json(nullptr);
  }
  return json;
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json time_or_null(std::optional<EventTime> time) { return time ? Json(format_rfc3339(*time)) : Json(nullptr); }

Json labels(const std::vector<Label>& labels) {
  Json json = Json::object();
  for (const auto& [dimension, value] : labels) json.emplace(std::string(dimension_name(dimension)), value);
  return json;
}

Json usd(const AlertEvent& event) {
  return {{"so_far", dollars(event.usd_so_far)},
          {"per_hour", dollars(event.usd_per_hour)},
          {"per_month", dollars(event.usd_per_month)},
          {"split", split(event)}};
}

Json drivers(const AlertEvent& event) {
  Json json = Json::array();
  for (const Driver& driver : event.drivers) {
    json.push_back({{"dimension", dimension_name(driver.dimension)},
                    {"value", driver.value},
                    {"kind", driver_kind_name(driver.kind)},
                    {"share", measured(driver.share)}});
  }
  return json;
}

Json declared_change(const AlertEvent& event) {
  if (!event.declared_change) return nullptr;
  const DeclaredChange& change = *event.declared_change;
  return {{"id", change.id},
          {"kind", change_kind_name(change.kind)},
          {"at", format_rfc3339(change.at)},
          {"note", text_or_null(change.note)},
          {"by", text_or_null(change.by)}};
}

Json samples(const AlertEvent& event) {
  Json json = Json::array();
  for (const Sample& sample : event.samples) {
    json.push_back({{"trace_id", text_or_null(sample.trace_id)},
                    {"run_id", text_or_null(sample.run_id)},
                    {"topic", sample.topic},
                    {"partition", sample.partition},
                    {"offset", sample.offset}});
  }
  return json;
}

Json also(const AlertEvent& event) {
  Json json = Json::array();
  for (const Contribution& other : event.also) {
    json.push_back({{"detector", other.detector},
                    {"onset", format_rfc3339(other.onset)},
                    {"unit", other.unit},
                    {"quantity", other.quantity},
                    {"expected", measured(other.expected)},
                    {"observed", measured(other.observed)},
                    {"effect", measured(other.effect)},
                    {"usd_per_hour", dollars(other.excess_usd_per_hour)}});
  }
  return json;
}

Json told_by(const AlertEvent& event) {
  if (!event.told_by) return nullptr;
  return {{"incident_id", event.told_by->id}, {"labels", labels(event.told_by->series.labels())}};
}

Json elsewhere(const AlertEvent& event) {
  Json largest = Json::array();
  for (const Elsewhere::Other& other : event.elsewhere.largest) {
    largest.push_back({{"incident_id", other.incident.id},
                       {"labels", labels(other.incident.series.labels())},
                       {"effect", measured(other.effect)},
                       {"usd_per_hour", dollars(other.usd_per_hour)},
                       {"inside", other.inside}});
  }
  return {{"incidents", event.elsewhere.incidents},
          {"inside", event.elsewhere.inside},
          {"usd_per_hour", dollars(event.elsewhere.usd_per_hour)},
          {"largest", largest}};
}

void add_identity(Json& json, const AlertEvent& event) {
  json["incident_id"] = event.incident_id;
  json["version"] = event.version;
  json["status"] = status_name(event.status);
  json["reason"] = text_or_null(event.reason);
  json["detector"] = event.detector;
  json["severity"] = severity_name(event.severity);
  json["labels"] = labels(event.labels);
}

void add_times(Json& json, const AlertEvent& event) {
  json["onset"] = format_rfc3339(event.onset);
  json["onset_earliest"] = format_rfc3339(event.onset_earliest);
  json["onset_latest"] = format_rfc3339(event.onset_latest);
  json["detected_at"] = format_rfc3339(event.detected_at);
  json["updated_at"] = format_rfc3339(event.updated_at);
  json["resolved_at"] = time_or_null(event.resolved_at);
  json["acknowledged_at"] = time_or_null(event.acknowledged_at);
  json["acknowledged_by"] = text_or_null(event.acknowledged_by);
  json["snoozed_until"] = time_or_null(event.snoozed_until);
}

void add_change(Json& json, const AlertEvent& event) {
  json["unit"] = event.unit;
  json["quantity"] = event.quantity;
  json["expected"] = measured(event.expected);
  json["observed"] = measured(event.observed);
  json["effect"] = measured(event.effect);
  json["effect_low"] = measured(event.effect_low);
  json["effect_high"] = measured(event.effect_high);
  json["log10_evidence"] = measured(event.log10_evidence);
}

void add_explanation(Json& json, const AlertEvent& event) {
  json["usd"] = usd(event);
  json["drivers"] = drivers(event);
  json["declared_change"] = declared_change(event);
  json["owner"] = {{"team", text_or_null(event.owner_team)},
                   {"owner", text_or_null(event.owner)},
                   {"cost_center", text_or_null(event.cost_center)}};
  json["calls"] = event.calls;
  json["samples"] = samples(event);
  json["also"] = also(event);
  json["told_by"] = told_by(event);
  json["elsewhere"] = elsewhere(event);
}

void add_texts(Json& json, const AlertEvent& event) {
  json["summary"] = event.summary;
  json["quiet_if"] = text_or_null(event.quiet_if);
  json["links"] = {{"incident", text_or_null(event.incident_url)}, {"runbook", text_or_null(event.runbook_url)}};
  json["replay"] = text_or_null(event.replay_command);
}

}  // namespace

std::string to_json(const AlertEvent& event) {
  Json json = Json::object();
  add_identity(json, event);
  add_times(json, event);
  add_change(json, event);
  add_explanation(json, event);
  add_texts(json, event);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_shadow_json(const AlertEvent& event) {
  std::string json = to_json(event);
  json.insert(json.size() - 1, ",\"shadow\":true");
  return json;
}

}  // namespace costdrift::core
