// The report as one JSON object.
#include <nlohmann/json.hpp>

#include "core/alert_event_json.h"
#include "replay/report.h"

namespace costdrift::replay {
namespace {

using Json = nlohmann::ordered_json;

Json maybe(const std::optional<double>& value) { return value ? Json(*value) : Json(nullptr); }

Json place(const std::optional<std::size_t>& index) { return index ? Json(*index) : Json(nullptr); }

Json scorecard_json(const Scorecard& card) {
  Json json = {{"pages", card.pages},
               {"tickets", card.tickets},
               {"pages_per_week", card.pages_per_week()},
               {"weeks", card.weeks},
               {"known", card.real_labels},
               {"found", card.found},
               {"missed", card.missed},
               {"false_pages", card.false_pages},
               {"duplicates", card.duplicates},
               {"median_delay_seconds", card.median_delay ? Json(core::to_seconds(*card.median_delay)) : Json(nullptr)},
               {"usd_before_page", card.usd_before},
               {"usd_after_page", card.usd_after},
               {"pages_by_hour", card.pages_by_hour}};
  json["pages_by_route"] = Json::object();
  for (const auto& [route, pages] : card.pages_by_route) json["pages_by_route"][route] = pages;
  return json;
}

Json incidents_json(const ReplayOutcome& outcome) {
  Json list = Json::array();
  for (std::size_t i = 0; i < outcome.incidents.size(); ++i) {
    const ToldIncident& incident = outcome.incidents[i];
    const IncidentScore& result = outcome.card.incidents[i];
    list.push_back({{"verdict", verdict_name(result.verdict)},
                    {"label", place(result.label)},
                    {"route", result.route},
                    {"told_at", core::format_rfc3339(incident.told().updated_at)},
                    {"summary", incident.told().summary},
                    {"paged", incident.page.has_value()},
                    {"usd_when_paged", maybe(incident.page ? incident.page->usd_so_far : std::nullopt)},
                    {"newest", Json::parse(core::to_json(incident.last))}});
  }
  return list;
}

Json labels_json(const ReplayReport& report) {
  Json list = Json::array();
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    Json item = Json::parse(to_json(report.labels[i]));
    const LabelScore& result = report.a.card.labels[i];
    item["incident"] = place(result.incident);
    if (result.incident) {
      item["delay_seconds"] = core::to_seconds(result.delay);
      item["usd_before_page"] = maybe(result.usd_before);
      item["usd_after_page"] = maybe(result.usd_after);
    } else if (report.labels[i].real) {
      item["missed_because"] = result.reason;
    }
    item["usd_spent"] = result.usd_spent;
    list.push_back(std::move(item));
  }
  return list;
}

Json comparison_json(const ReplayReport& report) {
  const Comparison& comparison = *report.comparison;
  Json json = {{"verdict", comparison.verdict},
               {"a", report.a.config},
               {"b", report.b->config},
               {"pages_a", comparison.pages_a},
               {"pages_b", comparison.pages_b},
               {"usd_only_a", comparison.usd_only_a},
               {"usd_only_b", comparison.usd_only_b},
               {"usd_later", comparison.usd_later},
               {"scorecard_b", scorecard_json(report.b->card)}};
  json["incidents_b"] = incidents_json(*report.b);
  json["changes"] = Json::array();
  for (const auto& item : comparison.incidents) {
    json["changes"].push_back({{"change", change_name(item.change)},
                               {"a", place(item.a)},
                               {"b", place(item.b)},
                               {"shift_seconds", core::to_seconds(item.shift)}});
  }
  return json;
}

Json spend_json(const SpendCurve& spend) {
  Json json = Json::array();
  for (const auto& [hour, at] : spend.total()) {
    json.push_back({{"hour", core::format_rfc3339(hour)}, {"usd", core::to_usd(at.cost)}, {"calls", at.calls}});
  }
  return json;
}

}  // namespace

std::string to_json(const ReplayReport& report) {
  const state::Accounting& a = report.result.accounting;
  Json rejected = Json::object();
  for (const auto& [reason, count] : a.dead_lettered) rejected[reason] = count;
  Json json = {{"config", report.a.config},
               {"from", core::format_rfc3339(report.spend.begin())},
               {"to", core::format_rfc3339(report.spend.end())},
               {"events",
                {{"read", a.consumed},
                 {"accepted", a.accepted},
                 {"duplicate", a.duplicate},
                 {"late", a.late},
                 {"rejected", rejected}}},
               {"scorecard", scorecard_json(report.a.card)}};
  json["labels"] = labels_json(report);
  json["incidents"] = incidents_json(report.a);
  if (report.comparison) json["comparison"] = comparison_json(report);
  json["spend"] = spend_json(report.spend);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace costdrift::replay
